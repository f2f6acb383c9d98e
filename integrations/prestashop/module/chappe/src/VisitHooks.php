<?php

/**
 * Keeps the click id of a visit, and what becomes of carts.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

trait VisitHooks
{
    /**
     * Before, not after: the front page of a shop in several languages redirects in between, without its parameters.
     */
    public function hookActionFrontControllerInitBefore(array $params): void
    {
        $this->quietly(function () {
            $clickId = Clicks::clean(\Tools::getValue(Clicks::PARAMETER));
            if ($clickId !== '' && Settings::isOn(Settings::CLICKS, (int) $this->context->shop->id)) {
                $_COOKIE[Clicks::COOKIE] = $clickId;
                $path = (string) $this->context->shop->getBaseURI();
                header(Clicks::cookie($clickId, $path, \Tools::usingSecureMode()), false);
            }
        });
    }

    /**
     * Where whole pages come from a cache, PHP never sees the parameter: a script does.
     */
    public function hookActionFrontControllerSetMedia(array $params): void
    {
        $this->quietly(function () {
            if (Settings::isOn(Settings::CLICKS, (int) $this->context->shop->id)) {
                $path = 'modules/' . $this->name . '/views/js/click.js';
                $this->context->controller->registerJavascript('chappe-click', $path, ['attributes' => 'defer']);
            }
        });
    }

    public function hookActionCartSave(array $params): void
    {
        $this->quietly(function () use ($params) {
            $cart = $params['cart'] ?? $this->context->cart;
            if (!$cart || !(int) $cart->id) {
                return;
            }
            $carts = $this->kit()->carts;
            $carts->changed((int) $cart->id, (int) $cart->id_shop, (int) $cart->id_customer, Clicks::current());
            AfterResponse::write('carts', function () use ($carts) {
                $this->quietly([$carts, 'write']);
            });
        });
    }
}
