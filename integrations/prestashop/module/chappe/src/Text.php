<?php

/**
 * Values as the server reads them.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Text
{
    /**
     * @param string $date as the shop stores it, in its own time zone
     *
     * @return string|null null for the empty date 0000-00-00, which some modules leave
     */
    public static function moment(string $date)
    {
        return strpos($date, '0000') === 0 ? null : (new \DateTimeImmutable($date))->format(DATE_ATOM);
    }

    public static function momentOf(int $time): string
    {
        return (new \DateTimeImmutable('@' . $time))->format(DATE_ATOM);
    }

    /**
     * @param float|string $amount
     */
    public static function money($amount): string
    {
        return number_format(max(0, (float) $amount), 2, '.', '');
    }

    public static function firstName(string $name): string
    {
        return mb_substr(preg_split('/\s+/u', trim($name))[0], 0, 80);
    }

    /**
     * @return string|null
     */
    public static function language(string $iso)
    {
        return preg_match('/^[a-z]{2,3}$/', $iso) ? $iso : null;
    }

    public static function isWebAddress(string $address): bool
    {
        return strlen($address) <= 2000 && preg_match('~^https?://[^\s<>"]+$~', $address);
    }

    /**
     * @return string|null where the shop is, with a slash at its end
     */
    public static function shopAddress(Database $database, int $idShop)
    {
        $row = $database->row('SELECT domain, domain_ssl, physical_uri, virtual_uri FROM {shop_url} WHERE id_shop = '
            . $idShop . ' AND main = 1');
        if (!$row) {
            return null;
        }
        $host = \Configuration::get('PS_SSL_ENABLED', null, null, $idShop)
            ? 'https://' . $row['domain_ssl'] : 'http://' . $row['domain'];

        return $host . $row['physical_uri'] . $row['virtual_uri'];
    }

    /**
     * ASCII only, so that no character set between here and there matters.
     */
    public static function json(array $value): string
    {
        return json_encode($value, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION);
    }
}
