<?php

/**
 * What the server answered; status 0 when it did not.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Response
{
    /** @var int */
    public $status;

    /** @var string */
    public $body;

    /** @var string */
    public $retryAfter;

    /** @var string */
    public $error;

    public function __construct(int $status, string $body = '', string $retryAfter = '', string $error = '')
    {
        $this->status = $status;
        $this->body = $body;
        $this->retryAfter = $retryAfter;
        $this->error = $error;
    }

    /**
     * Seconds that the server asks us to stay away; 0 when it does not say.
     */
    public function pause(int $now): int
    {
        $until = ctype_digit($this->retryAfter) ? $now + (int) $this->retryAfter : strtotime($this->retryAfter);

        return $until === false ? 0 : max(0, $until - $now);
    }
}
