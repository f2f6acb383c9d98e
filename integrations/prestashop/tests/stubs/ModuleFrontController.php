<?php

/**
 * A page of a module.
 */

class ModuleFrontController
{
    /** @var Module */
    public $module;

    /** @var Context */
    public $context;

    public function __construct()
    {
        $this->context = Context::getContext();
    }
}
