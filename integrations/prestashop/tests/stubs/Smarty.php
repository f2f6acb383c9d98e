<?php

/**
 * What a page is given to show.
 */

class Smarty
{
    public $values = [];

    public function assign(array $values): void
    {
        $this->values = $values + $this->values;
    }
}
