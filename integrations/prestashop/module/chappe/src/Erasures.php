<?php

/**
 * Tells the server whom to forget. The numbers are read at once: the shop is about to forget them itself.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Erasures
{
    /** @var Database */
    private $database;

    /** @var Outbox */
    private $outbox;

    /** @var Clock */
    private $clock;

    public function __construct(Database $database, Outbox $outbox, Clock $clock)
    {
        $this->database = $database;
        $this->outbox = $outbox;
        $this->clock = $clock;
    }

    public function tell(int $idCustomer, int $idShop): void
    {
        $phones = CustomerReader::phones($this->database, $idCustomer);
        $told = ['customer' => ['id' => (string) $idCustomer, 'phones' => $phones]];
        $this->outbox->tell($idShop, Events::ERASED, (string) $idCustomer, $told, $this->clock->now());
    }
}
