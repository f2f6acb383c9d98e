<?php

/**
 * The numbers that addresses hold, best first.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Phones
{
    public const MOST = 6;

    /**
     * @param array[] $addresses each with `phone_mobile`, `phone` and the `country` they are read in
     */
    public static function of(array $addresses): array
    {
        $phones = [];
        foreach ($addresses as $address) {
            foreach (['phone_mobile', 'phone'] as $field) {
                $number = mb_substr(trim((string) $address[$field]), 0, 40);
                if ($number !== '') {
                    $phones[] = ['number' => $number, 'country' => $address['country']];
                }
            }
        }

        return array_slice(array_values(array_unique($phones, SORT_REGULAR)), 0, self::MOST);
    }
}
