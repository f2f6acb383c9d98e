<?php

/**
 * What is done once the visitor has their page, where the server can do that; at the end of the request elsewhere.
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

    /** @var callable[] what is still to be written, by name */
    private static $works = [];

    /** @var bool */
    private static $isRegistered = false;

    public static function flush(int $idShop): void
    {
        if (self::isPossible()) {
            self::$shops[$idShop] = $idShop;
            self::register();
        }
    }

    /**
     * Write it at the end of the request, once, however often it is asked for.
     */
    public static function write(string $name, callable $work): void
    {
        self::$works[$name] = $work;
        self::register();
    }

    private static function register(): void
    {
        if (!self::$isRegistered) {
            self::$isRegistered = true;
            // Registered again from inside, so that whatever others do at the end comes before us.
            register_shutdown_function('register_shutdown_function', [self::class, 'run']);
        }
    }

    public static function isPossible(): bool
    {
        return function_exists('fastcgi_finish_request') || function_exists('litespeed_finish_request');
    }

    public static function run(): void
    {
        $works = self::$works;
        self::$works = [];
        try {
            self::finish();
            array_map('call_user_func', $works);
            foreach (self::$shops as $idShop) {
                Kit::create()->flush->run($idShop, 'response', 1, self::EVENTS);
            }
        } catch (\Throwable $error) {
            error_log('chappe: ' . $error->getMessage());
        }
    }

    private static function finish(): void
    {
        if (function_exists('fastcgi_finish_request')) {
            fastcgi_finish_request();
        } elseif (function_exists('litespeed_finish_request')) {
            litespeed_finish_request();
        }
    }
}
