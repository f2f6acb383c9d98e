<?php

/**
 * The parts of the module, put together.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Kit
{
    public const VERSION = '1.0.0';

    /** @var Database */
    public $database;

    /** @var Clock */
    public $clock;

    /** @var Connections */
    public $connections;

    /** @var Outbox */
    public $outbox;

    /** @var StateMap */
    public $states;

    /** @var Consents */
    public $consents;

    /** @var Carts */
    public $carts;

    /** @var Erasures */
    public $erasures;

    /** @var Flush */
    public $flush;

    public function __construct(Database $database, Clock $clock, Transport $transport)
    {
        $this->database = $database;
        $this->clock = $clock;
        $this->connections = new Connections($database);
        $this->outbox = new Outbox($database, $this->connections);
        $this->states = new StateMap($database);
        $this->consents = new Consents($database);
        $this->carts = new Carts($database, $clock, $this->connections, $this->outbox);
        $this->erasures = new Erasures($database, $this->outbox, $clock);
        $events = new Events(
            $database,
            new OrderReader($database, $this->states),
            new Hello($database, $this->states, self::VERSION),
            new CustomerReader($database, $this->consents),
            new CartReader($database, $this->carts),
            $clock
        );
        $this->flush = new Flush($this->connections, $this->outbox, $events, $transport, $clock);
    }

    public static function create(): self
    {
        return new self(new Database(\Db::getInstance()), new Clock(), new Transport());
    }
}
