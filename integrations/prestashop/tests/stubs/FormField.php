<?php

/**
 * A field of a form of the shop.
 */

class FormField
{
    private $values = [];

    public function __call($name, $arguments)
    {
        $field = substr($name, 3);
        if (strpos($name, 'get') === 0) {
            return $this->values[$field] ?? null;
        }
        $this->values[$field] = $arguments[0];

        return $this;
    }
}
