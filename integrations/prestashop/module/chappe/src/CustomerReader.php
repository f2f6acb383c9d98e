<?php

/**
 * A customer as they stand, in the words of docs/prestashop-webhook.md.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class CustomerReader
{
    private const STATES = [Consents::YES => 'yes', Consents::NO => 'no'];

    /** @var Database */
    private $database;

    /** @var Consents */
    private $consents;

    public function __construct(Database $database, Consents $consents)
    {
        $this->database = $database;
        $this->consents = $consents;
    }

    /**
     * @return array|null null when they are gone, or while they have no number: an address brings them up again
     */
    public function read(int $idCustomer, int $idShop, int $version)
    {
        $customer = $this->database->row('SELECT u.firstname, l.iso_code AS language FROM {customer} u'
            . ' LEFT JOIN {lang} l ON l.id_lang = u.id_lang WHERE u.id_customer = ' . $idCustomer);
        $phones = self::phones($this->database, $idCustomer);
        if (!$customer || !$phones) {
            return null;
        }

        return [
            'id' => (string) $idCustomer,
            'version' => $version,
            'first_name' => Text::firstName((string) $customer['firstname']),
            'phones' => $phones,
            'sms_consent' => $this->answer($this->consents->last($idCustomer, $idShop)),
        ] + array_filter(['language' => Text::language((string) $customer['language'])]);
    }

    /**
     * The newest address first: that is where a number of today is.
     */
    public static function phones(Database $database, int $idCustomer): array
    {
        return Phones::of($database->rows('SELECT a.phone, a.phone_mobile, c.iso_code AS country FROM {address} a'
            . ' JOIN {country} c ON c.id_country = a.id_country WHERE a.id_customer = ' . $idCustomer
            . ' AND a.deleted = 0 ORDER BY a.id_address DESC LIMIT 3'));
    }

    /**
     * @return array|null null where they were never asked: that is neither yes nor no
     */
    private function answer(array $said)
    {
        return !$said ? null : [
            'state' => self::STATES[$said['state']],
            'said_at' => Text::momentOf((int) $said['said_at']),
            'wording' => (string) $said['wording'],
            'wording_version' => substr(hash('sha256', (string) $said['wording']), 0, 12),
            'form' => (string) $said['form'],
            'page' => (string) $said['page'],
            'ip' => (string) $said['ip'],
        ];
    }
}
