<?php

/**
 * Tells the server how the module is, and delivers what waits. Only the server can sign the call.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

use ChappeModule\Health;
use ChappeModule\Past;
use ChappeModule\Signature;

if (!defined('_PS_VERSION_')) {
    exit;
}

class ChappeHealthModuleFrontController extends ModuleFrontController
{
    public const CALLS = 3;

    /** @var bool */
    public $ssl = true;

    public function initContent(): void
    {
        $kit = $this->module->kit();
        $idShop = (int) $this->context->shop->id;
        $shop = $kit->connections->get($idShop);
        $what = (string) Tools::getValue('past');
        $after = (int) Tools::getValue('after');
        $asked = Past::question($what, $after);
        if (!$shop || !Signature::isFromServer($shop['secret'], $this->signed(), $asked, $kit->clock->now())) {
            http_response_code(401);
            exit;
        }
        $told = $what === '' ? [] : ['past' => (new Past($kit))->note($idShop, $what, $after)];
        $kit->flush->run($idShop, 'pull', self::CALLS);
        header('Content-Type: application/json');
        echo json_encode($told + (new Health($kit))->of($idShop));
        exit;
    }

    /**
     * @return string[] the headers of the signature
     */
    private function signed(): array
    {
        $headers = [];
        foreach (['webhook-id', 'webhook-timestamp', 'webhook-signature'] as $name) {
            $headers[$name] = (string) ($_SERVER['HTTP_' . strtoupper(str_replace('-', '_', $name))] ?? '');
        }

        return $headers;
    }
}
