<?php

/**
 * Which shop is edited.
 */

class Shop
{
    public static $edited = 1;

    public static function getContextShopID()
    {
        return self::$edited;
    }
}
