<?php

/**
 * What a module inherits.
 */

class Module
{
    public $id = 7;
    public $name;
    public $tab;
    public $version;
    public $author;
    public $need_instance;
    public $bootstrap;
    public $ps_versions_compliancy;
    public $displayName;
    public $description;
    public $confirmUninstall;
    public $context;
    public $_errors = [];

    /** @var string[] */
    public $hooks = [];

    public function __construct()
    {
        $this->context = Context::getContext();
    }

    public function install(): bool
    {
        return true;
    }

    public function uninstall(): bool
    {
        return true;
    }

    public function registerHook($hooks): bool
    {
        $this->hooks = array_merge($this->hooks, (array) $hooks);

        return true;
    }

    public function getLocalPath(): string
    {
        return '/shop/modules/' . $this->name . '/';
    }

    public function display($file, $template): string
    {
        return '<' . $template . '>';
    }

    public function displayConfirmation($text): string
    {
        return 'done: ' . $text;
    }

    public function displayError($text): string
    {
        return 'error: ' . $text;
    }

    public function displayWarning($text): string
    {
        return 'warning: ' . $text;
    }

    public function l($text, $file = false): string
    {
        return $text;
    }
}
