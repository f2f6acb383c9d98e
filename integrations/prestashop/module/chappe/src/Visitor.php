<?php

/**
 * Where an answer was given, and from where: enough to prove it, and no more.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Visitor
{
    /**
     * The path of the page with the form; a query may hold anything.
     */
    public static function page(): string
    {
        return mb_substr((string) parse_url((string) ($_SERVER['HTTP_REFERER'] ?? ''), PHP_URL_PATH), 0, 255);
    }

    /**
     * The network of an address: /24, or /48 of the longer ones.
     */
    public static function network(string $address): string
    {
        $bytes = filter_var($address, FILTER_VALIDATE_IP) ? inet_pton($address) : '';
        $kept = strlen($bytes) === 4 ? 3 : 6;

        return $bytes === '' ? '' : inet_ntop(str_pad(substr($bytes, 0, $kept), strlen($bytes), "\0"));
    }
}
