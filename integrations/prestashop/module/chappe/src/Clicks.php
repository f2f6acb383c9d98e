<?php

/**
 * Our click id, from the address of a visit to the order that comes of it.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Clicks
{
    public const PARAMETER = 'smsc';
    public const COOKIE = 'chappe_click';
    public const DAYS = 30;

    /**
     * @return string the click id of this request; empty without one
     */
    public static function current(): string
    {
        return self::clean($_COOKIE[self::COOKIE] ?? '');
    }

    /**
     * @param mixed $text
     */
    public static function clean($text): string
    {
        return is_string($text) && preg_match('/^[A-Za-z0-9_-]{1,40}$/', $text) ? $text : '';
    }

    /**
     * A first-party cookie, written by hand: PHP 7.2 knows no SameSite.
     */
    public static function cookie(string $clickId, string $path, bool $isSecure): string
    {
        return 'Set-Cookie: ' . self::COOKIE . '=' . $clickId . '; Max-Age=' . self::DAYS * 86400 . '; Path=' . $path
            . '; SameSite=Lax' . ($isSecure ? '; Secure' : '');
    }
}
