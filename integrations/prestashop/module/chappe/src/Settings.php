<?php

/**
 * What the merchant chose, shop by shop.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Settings
{
    public const REGISTRATION = 'CHAPPE_ON_REGISTRATION';
    public const ADDRESS = 'CHAPPE_ON_ADDRESS';
    public const CLICKS = 'CHAPPE_CLICKS';
    public const CARTS = 'CHAPPE_CARTS';
    public const WORDING = 'CHAPPE_WORDING';
    /** What is on when the module is installed: asking people, and recognising orders; not telling about carts. */
    public const SWITCHES = [self::REGISTRATION => 0, self::ADDRESS => 1, self::CLICKS => 1, self::CARTS => 0];

    public static function isOn(string $switch, int $idShop): bool
    {
        $value = \Configuration::get($switch, null, null, $idShop);

        return (bool) ($value === false ? self::SWITCHES[$switch] : $value);
    }

    public static function turn(string $switch, bool $isOn, int $idShop): void
    {
        \Configuration::updateValue($switch, (int) $isOn, false, null, $idShop);
    }

    /**
     * The words that people agree to; empty where the merchant has none in this language: then nobody is asked.
     */
    public static function wording(int $idLang, int $idShop): string
    {
        return trim((string) \Configuration::get(self::WORDING, $idLang, null, $idShop));
    }

    /**
     * @param string[] $wordings by language
     */
    public static function word(array $wordings, int $idShop): void
    {
        \Configuration::updateValue(self::WORDING, array_map('strip_tags', $wordings), false, null, $idShop);
    }

    public static function forget(): void
    {
        foreach (array_keys(self::SWITCHES) as $switch) {
            \Configuration::deleteByName($switch);
        }
        \Configuration::deleteByName(self::WORDING);
    }
}
