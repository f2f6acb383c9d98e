<?php

/**
 * A shop of stubs: the few classes of PrestaShop that the module touches, written from their documentation.
 */

error_reporting(E_ALL);
date_default_timezone_set('Europe/Paris');
define('_PS_VERSION_', '8.2.1');
define('_DB_PREFIX_', 'ps_');
define('_MYSQL_ENGINE_', 'InnoDB');

function pSQL($text, $isHtml = false)
{
    return str_replace("'", "''", $isHtml ? $text : strip_tags($text));
}

spl_autoload_register(function ($class) {
    foreach (['/stubs/', '/'] as $folder) {
        $file = __DIR__ . $folder . basename(str_replace('\\', '/', $class)) . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});

require dirname(__DIR__) . '/module/chappe/chappe.php';
