<?php

/**
 * What time it is, once: tests bring their own.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Clock
{
    public function now(): int
    {
        return intdiv($this->milliseconds(), 1000);
    }

    public function milliseconds(): int
    {
        return (int) round(microtime(true) * 1000);
    }
}
