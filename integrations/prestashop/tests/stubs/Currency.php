<?php

/**
 * A currency of the shop.
 */

class Currency
{
    public $id;

    public function __construct($id)
    {
        $this->id = $id;
    }
}
