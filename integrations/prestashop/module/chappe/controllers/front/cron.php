<?php

/**
 * Delivers what waits: for the task planner of the hosting, with the key shown on the page of the module.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

if (!defined('_PS_VERSION_')) {
    exit;
}

class ChappeCronModuleFrontController extends ModuleFrontController
{
    public const CALLS = 20;

    /** @var bool */
    public $ssl = true;

    public function initContent(): void
    {
        $key = (string) Configuration::getGlobalValue('CHAPPE_CRON_KEY');
        if ($key === '' || !hash_equals($key, (string) Tools::getValue('key'))) {
            http_response_code(403);
            exit;
        }
        $kit = $this->module->kit();
        foreach ($kit->connections->open() as $idShop) {
            $delivered = $kit->flush->run($idShop, 'cron', self::CALLS);
            $figures = $kit->outbox->figures($idShop);
            echo 'shop ' . $idShop . ': ' . $delivered . ' delivered, ' . $figures['waiting'] . " waiting\n";
        }
        exit;
    }
}
