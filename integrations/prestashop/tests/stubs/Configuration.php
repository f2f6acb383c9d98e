<?php

/**
 * The settings of the shop, in memory.
 */

class Configuration
{
    /** @var array */
    public static $values = [];

    public static function get($name, $idLang = null, $idShopGroup = null, $idShop = null)
    {
        $value = self::$values[$idShop === null ? $name : $name . '@' . $idShop] ?? self::$values[$name] ?? false;

        return is_array($value) ? ($value[$idLang] ?? false) : $value;
    }

    public static function getGlobalValue($name, $idLang = null)
    {
        return self::get($name, $idLang);
    }

    public static function updateGlobalValue($name, $value): bool
    {
        self::$values[$name] = $value;

        return true;
    }

    public static function updateValue($name, $value, $html = false, $idShopGroup = null, $idShop = null): bool
    {
        return self::updateGlobalValue($idShop === null ? $name : $name . '@' . $idShop, $value);
    }

    public static function deleteByName($name): bool
    {
        unset(self::$values[$name]);

        return true;
    }
}
