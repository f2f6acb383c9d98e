<?php

/**
 * The languages of a shop.
 */

class Language
{
    public static function getLanguages($isActive, $idShop): array
    {
        return [['id_lang' => 1, 'name' => 'Français']];
    }
}
