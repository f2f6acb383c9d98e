<?php

/**
 * A cart as it stands, in the words of docs/prestashop-webhook.md.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class CartReader
{
    /** @var Database */
    private $database;

    /** @var Carts */
    private $carts;

    public function __construct(Database $database, Carts $carts)
    {
        $this->database = $database;
        $this->carts = $carts;
    }

    /**
     * @return array|null null for a cart of nobody we could write to
     */
    public function read(int $idCart, int $version)
    {
        $kept = $this->carts->get($idCart);
        $cart = new \Cart($idCart);
        $phones = CustomerReader::phones($this->database, (int) $cart->id_customer);
        if (!$kept || !$phones) {
            return null;
        }
        $customer = $this->database->row('SELECT u.firstname, l.iso_code AS language FROM {customer} u'
            . ' LEFT JOIN {lang} l ON l.id_lang = ' . (int) $cart->id_lang
            . ' WHERE u.id_customer = ' . (int) $cart->id_customer);

        return array_filter([
            'id' => (string) $idCart,
            'version' => $version,
            'changed_at' => Text::momentOf((int) $kept['changed_at']),
            'ordered_at' => (int) $kept['ordered_at'] ? Text::momentOf((int) $kept['ordered_at']) : null,
            'currency' => $this->database->value('SELECT iso_code FROM {currency} WHERE id_currency = '
                . (int) $cart->id_currency),
            'total' => Text::money($this->total($cart)),
            'items' => $this->items($idCart, (int) $cart->id_lang, (int) $cart->id_shop),
            'recovery_url' => Recovery::url($this->database, $idCart, (int) $cart->id_shop),
            'language' => Text::language((string) ($customer['language'] ?? '')),
            'customer' => ['first_name' => Text::firstName((string) ($customer['firstname'] ?? '')),
                'phones' => $phones],
        ], function ($value) {
            return $value !== null;
        });
    }

    /**
     * PrestaShop works out prices for the cart and currency of the visitor, and ends the process where there are none.
     */
    private function total(\Cart $cart): float
    {
        $context = \Context::getContext();
        [$visitorsCart, $visitorsCurrency] = [$context->cart, $context->currency];
        [$context->cart, $context->currency] = [$cart, new \Currency((int) $cart->id_currency)];
        try {
            return (float) $cart->getOrderTotal(true);
        } finally {
            [$context->cart, $context->currency] = [$visitorsCart, $visitorsCurrency];
        }
    }

    private function items(int $idCart, int $idLang, int $idShop): array
    {
        $names = array_column($this->database->rows('SELECT n.name FROM {cart_product} p'
            . ' JOIN {product_lang} n ON n.id_product = p.id_product AND n.id_lang = ' . $idLang
            . ' AND n.id_shop = ' . $idShop . ' WHERE p.id_cart = ' . $idCart
            . ' ORDER BY p.date_add LIMIT 3'), 'name');

        return array_map(function ($name) {
            return mb_substr($name, 0, 200);
        }, $names);
    }
}
