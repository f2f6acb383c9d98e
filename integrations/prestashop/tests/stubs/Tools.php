<?php

/**
 * What a request says.
 */

class Tools
{
    /** @var array what was posted or asked for */
    public static $values = [];

    public static function getValue($name, $default = false)
    {
        return self::$values[$name] ?? $default;
    }

    public static function getRemoteAddr(): string
    {
        return '192.0.2.77';
    }

    public static function usingSecureMode(): bool
    {
        return true;
    }
}
