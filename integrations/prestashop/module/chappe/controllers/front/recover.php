<?php

/**
 * Puts what was in a cart into the cart of whoever opens the link. Nobody is logged in by it.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

use ChappeModule\Recovery;

if (!defined('_PS_VERSION_')) {
    exit;
}

class ChappeRecoverModuleFrontController extends ModuleFrontController
{
    public function initContent(): void
    {
        $idCart = (int) Tools::getValue('cart');
        if ($idCart !== (int) $this->context->cart->id) {
            $database = $this->module->kit()->database;
            $this->fill(Recovery::products($database, $idCart, (string) Tools::getValue('key')));
        }
        Tools::redirect($this->context->link->getPageLink('cart', true, null, ['action' => 'show']));
    }

    private function fill(array $products): void
    {
        $cart = $this->context->cart;
        if ($products && !(int) $cart->id) {
            $cart->add();
            $this->context->cookie->id_cart = (int) $cart->id;
        }
        foreach ($products as $product) {
            // What is in the cart already stays as it is: opening the link twice changes nothing.
            [$id, $variant] = [(int) $product['id_product'], (int) $product['id_product_attribute']];
            if ((int) $cart->getProductQuantity($id, $variant)['quantity'] === 0) {
                $cart->updateQty((int) $product['quantity'], $id, $variant);
            }
        }
    }
}
