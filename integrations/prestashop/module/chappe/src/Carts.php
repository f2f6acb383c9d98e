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

    /** @var Clock */
    private $clock;

    public function __construct(Database $database, Clock $clock)
    {
        $this->database = $database;
        $this->clock = $clock;
    }

    public function changed(int $idCart, int $idShop, int $idCustomer, string $clickId): void
    {
        $row = ['id_cart' => $idCart, 'id_shop' => $idShop, 'id_customer' => $idCustomer,
            'changed_at' => $this->clock->now()];
        $this->database->put('chappe_cart', $clickId === '' ? $row : $row + ['click_id' => $clickId]);
    }

    /**
     * The cart became an order: its click comes along, also where a bank's server and not the visitor finishes it.
     */
    public function ordered(int $idCart, int $idOrder, string $clickId): void
    {
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
