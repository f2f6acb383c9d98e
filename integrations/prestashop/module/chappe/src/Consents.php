<?php

/**
 * Who said yes or no to offers by SMS, when, where and to which words. Rows are added, never changed.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Consents
{
    public const YES = 'granted';
    public const NO = 'withdrawn';

    /** @var Database */
    private $database;

    public function __construct(Database $database)
    {
        $this->database = $database;
    }

    /**
     * @return array the last row; empty when the customer was never asked: that is neither yes nor no
     */
    public function last(int $idCustomer, int $idShop): array
    {
        return $this->database->row('SELECT * FROM {chappe_consent} WHERE id_customer = ' . $idCustomer
            . ' AND id_shop = ' . $idShop . ' ORDER BY id DESC');
    }

    /**
     * @param array $said `id_customer`, `id_shop`, `state`, `wording`, `language`, `form`, `page`, `ip`, `said_at`
     */
    public function add(array $said): void
    {
        $this->database->insertOnce('chappe_consent', $said);
    }

    public function of(int $idCustomer): array
    {
        return $this->database->rows('SELECT state, wording, language, form, page, ip, said_at FROM {chappe_consent}'
            . ' WHERE id_customer = ' . $idCustomer . ' ORDER BY id');
    }

    public function forget(int $idCustomer): void
    {
        $this->database->run('DELETE FROM {chappe_consent} WHERE id_customer = ' . $idCustomer);
    }
}
