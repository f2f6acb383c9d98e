<?php

/**
 * What the shop says of itself when it is connected, updated or tested.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Hello
{
    /** @var Database */
    private $database;

    /** @var StateMap */
    private $states;

    /** @var string */
    private $moduleVersion;

    public function __construct(Database $database, StateMap $states, string $moduleVersion)
    {
        $this->database = $database;
        $this->states = $states;
        $this->moduleVersion = $moduleVersion;
    }

    public function read(int $idShop): array
    {
        $country = $this->database->value('SELECT iso_code FROM {country} WHERE id_country = '
            . (int) \Configuration::get('PS_COUNTRY_DEFAULT', null, null, $idShop));

        return array_filter([
            'name' => mb_substr((string) \Configuration::get('PS_SHOP_NAME', null, null, $idShop), 0, 80),
            'url' => Text::shopAddress($this->database, $idShop),
            'wake_url' => $this->wakeUrl($idShop),
            'country' => $country ?: null,
            'languages' => $this->codes('lang', 'language', $idShop),
            'currencies' => $this->codes('currency', 'currency', $idShop),
            'prestashop' => substr(_PS_VERSION_, 0, 20),
            'php' => substr(PHP_VERSION, 0, 20),
            'module' => $this->moduleVersion,
            'states' => $this->states->told(
                $idShop,
                (int) \Configuration::get('PS_LANG_DEFAULT', null, null, $idShop)
            ),
            'multistore_ids' => array_map('intval', array_column(
                $this->database->rows('SELECT id_shop FROM {shop} WHERE active = 1 ORDER BY id_shop LIMIT 200'),
                'id_shop'
            )),
        ], function ($value) {
            return $value !== null;
        });
    }

    /**
     * Where the server may ask for what waits.
     */
    private function wakeUrl(int $idShop)
    {
        $shop = Text::shopAddress($this->database, $idShop);

        return $shop === null ? null : $shop . 'index.php?fc=module&module=chappe&controller=health';
    }

    private function codes(string $table, string $name, int $idShop): array
    {
        $id = 'id_' . $table;
        $rows = $this->database->rows('SELECT t.iso_code FROM {' . $table . '} t JOIN {' . $table . '_shop} s ON s.'
            . $id . ' = t.' . $id . ' WHERE t.active = 1 AND s.id_shop = ' . $idShop . ' ORDER BY t.' . $id
            . ' LIMIT 50');

        return array_column($rows, 'iso_code');
    }
}
