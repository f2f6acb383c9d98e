<?php

/**
 * One row a cart: when it changed, and which click brought it.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Carts
{
    public const KEEP = 90 * 86400;

    /** @var Database */
    private $database;

    /** More than one request has: an import, which need not keep them all in mind. */
    public const MOST_IN_MIND = 50;

    /** @var Clock */
    private $clock;

    /** @var Connections */
    private $connections;

    /** @var Outbox */
    private $outbox;

    /** @var array[] carts that changed in this request, by id */
    private $changed = [];

    public function __construct(Database $database, Clock $clock, Connections $connections, Outbox $outbox)
    {
        $this->database = $database;
        $this->clock = $clock;
        $this->connections = $connections;
        $this->outbox = $outbox;
    }

    /**
     * Only kept in mind: PrestaShop saves a cart two or three times a click, while the visitor waits.
     */
    public function changed(int $idCart, int $idShop, int $idCustomer, string $clickId): void
    {
        $row = ['id_cart' => $idCart, 'id_shop' => $idShop, 'id_customer' => $idCustomer,
            'changed_at' => $this->clock->now()];
        $this->changed[$idCart] = $clickId === '' ? $row : $row + ['click_id' => $clickId];
        if (count($this->changed) >= self::MOST_IN_MIND) {
            $this->write();
        }
    }

    /**
     * Each cart once, as it was last.
     */
    public function write(): void
    {
        $changed = $this->changed;
        $this->changed = [];
        foreach ($changed as $idCart => $row) {
            if ($this->connections->isOpen($row['id_shop'])) {
                $this->database->put('chappe_cart', $row);
            }
            if (Settings::isOn(Settings::CARTS, $row['id_shop'])) {
                $this->outbox->note($row['id_shop'], Events::CART, (string) $idCart, $row['changed_at']);
            }
        }
    }

    /**
     * The cart became an order: its click comes along, also where a bank's server and not the visitor finishes it.
     */
    public function ordered(int $idCart, int $idOrder, string $clickId): void
    {
        $this->write();
        $known = $this->database->value('SELECT click_id FROM {chappe_cart} WHERE id_cart = ' . $idCart);
        $row = ['id_order' => $idOrder, 'click_id' => $clickId === '' ? $known : $clickId];
        $this->database->insertOnce('chappe_order', $row);
        $this->database->run('UPDATE {chappe_cart} SET ordered_at = ' . $this->clock->now() . ' WHERE id_cart = '
            . $idCart);
    }

    public function get(int $idCart): array
    {
        return $this->database->row('SELECT * FROM {chappe_cart} WHERE id_cart = ' . $idCart);
    }

    public function forget(int $idCustomer): void
    {
        $this->database->run('DELETE FROM {chappe_cart} WHERE id_customer = ' . $idCustomer);
    }

    public function clean(): void
    {
        $this->database->run('DELETE FROM {chappe_cart} WHERE changed_at < ' . ($this->clock->now() - self::KEEP));
    }
}
