<?php

/**
 * Delivers what waits: for a task planner that runs a file. Nothing happens when it is opened in a browser.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

if (PHP_SAPI !== 'cli') {
    http_response_code(403);
    exit;
}

require dirname(__DIR__, 2) . '/config/config.inc.php';

if (!defined('_PS_VERSION_')) {
    exit;
}

$module = Module::getInstanceByName('chappe');
if ($module && Module::isEnabled('chappe')) {
    foreach ($module->kit()->connections->open() as $idShop) {
        $delivered = $module->kit()->flush->run($idShop, 'cron', 20);
        $waiting = $module->kit()->outbox->figures($idShop)['waiting'];
        echo 'shop ' . $idShop . ': ' . $delivered . ' delivered, ' . $waiting . " waiting\n";
    }
}
