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

    public static function getContext(): self
    {
        static $context;
        if (!$context) {
            $context = new self();
            $context->shop = (object) ['id' => 1];
            $context->language = (object) ['id' => 1, 'iso_code' => 'fr'];
        }

        return $context;
    }
}
