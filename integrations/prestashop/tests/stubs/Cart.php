<?php

/**
 * A cart of the shop.
 */

class Cart
{
    public $id;
    public $id_shop = 1;
    public $id_customer;
    public $id_lang = 1;
    public $id_currency = 1;

    public function __construct($id = null)
    {
        $this->id = $id;
        $this->id_customer = $id;
    }

    public function getOrderTotal($isWithTaxes): string
    {
        if (Context::getContext()->cart !== $this || Context::getContext()->currency === null) {
            throw new RuntimeException('PrestaShop ends the process here.');
        }

        return '54.900000';
    }
}
