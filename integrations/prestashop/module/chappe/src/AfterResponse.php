<?php

/**
 * Flushes once the visitor has their page, where the server can do that.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class AfterResponse
{
    public const EVENTS = 5;

    /** @var int[] the shops that have news */
    private static $shops = [];

    public static function flush(int $idShop): void
    {
        if (!self::isPossible()) {
            return;
        }
        if (!self::$shops) {
            // Registered again from inside, so that whatever others do at the end comes before us.
            register_shutdown_function('register_shutdown_function', [self::class, 'run']);
        }
        self::$shops[$idShop] = $idShop;
    }

    public static function isPossible(): bool
    {
        return function_exists('fastcgi_finish_request') || function_exists('litespeed_finish_request');
    }

    public static function run(): void
    {
        try {
            function_exists('fastcgi_finish_request') ? fastcgi_finish_request() : litespeed_finish_request();
            foreach (self::$shops as $idShop) {
                Kit::create()->flush->run($idShop, 'response', 1, self::EVENTS);
            }
        } catch (\Throwable $error) {
            error_log('chappe: ' . $error->getMessage());
        }
    }
}
