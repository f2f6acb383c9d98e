<?php

/**
 * Finds the classes of this module: no library is brought along that could meet another version of itself.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

if (!defined('_PS_VERSION_')) {
    exit;
}

spl_autoload_register(function ($class) {
    if (strpos($class, 'ChappeModule\\') === 0) {
        $file = __DIR__ . '/src/' . substr($class, strlen('ChappeModule\\')) . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
