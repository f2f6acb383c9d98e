<?php

/**
 * A clock that stands still until it is told.
 */

use ChappeModule\Clock;

class SetClock extends Clock
{
    /** @var int */
    public $milliseconds;

    public function __construct(string $moment = '2026-11-24 10:30:00')
    {
        $this->milliseconds = strtotime($moment) * 1000;
    }

    public function milliseconds(): int
    {
        return $this->milliseconds;
    }

    public function pass(int $seconds): void
    {
        $this->milliseconds += $seconds * 1000;
    }
}
