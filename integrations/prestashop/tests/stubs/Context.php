<?php

/**
 * Where a request stands.
 */

class Context
{
    /** @var object */
    public $shop;

    /** @var object */
    public $language;

    /** @var object */
    public $customer;

    /** @var Cart|null */
    public $cart;

    /** @var Currency|null */
    public $currency;

    /** @var Smarty */
    public $smarty;

    /** @var Link */
    public $link;

    public static function getContext(): self
    {
        static $context;
        if (!$context) {
            $context = new self();
            $context->shop = (object) ['id' => 1];
            $context->customer = (object) ['id' => 0];
            $context->smarty = new Smarty();
            $context->link = new Link();
            $context->language = (object) ['id' => 1, 'iso_code' => 'fr'];
        }

        return $context;
    }
}
