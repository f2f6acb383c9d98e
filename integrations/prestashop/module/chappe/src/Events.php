<?php

/**
 * Turns rows of the outbox into what is told.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Events
{
    public const ORDER = 'order.changed';
    public const BACKFILL = 'order.backfill';
    public const HELLO = 'shop.hello';
    public const GOODBYE = 'shop.goodbye';
    public const CUSTOMER = 'customer.changed';
    public const PAST_CUSTOMER = 'customer.backfill';
    public const CART = 'cart.changed';
    public const ERASED = 'customer.erased';
    /** What is told of the past goes by the same names. */
    public const NAMES = [self::BACKFILL => self::ORDER, self::PAST_CUSTOMER => self::CUSTOMER];

    /** @var Database */
    private $database;

    /** @var OrderReader */
    private $orders;

    /** @var Hello */
    private $hello;

    /** @var CustomerReader */
    private $customers;

    /** @var CartReader */
    private $carts;

    /** @var Clock */
    private $clock;

    public function __construct(
        Database $database,
        OrderReader $orders,
        Hello $hello,
        CustomerReader $customers,
        CartReader $carts,
        Clock $clock
    ) {
        $this->database = $database;
        $this->orders = $orders;
        $this->hello = $hello;
        $this->customers = $customers;
        $this->carts = $carts;
        $this->clock = $clock;
    }

    /**
     * @return string|null JSON; null when there is nothing to tell any more
     */
    public function payload(array $row, int $idShop)
    {
        $told = $this->told($row['kind'], $row['subject'], $idShop);
        if ($told === null) {
            return null;
        }

        return Text::json([
            'id' => $row['event_id'],
            'kind' => self::NAMES[$row['kind']] ?? $row['kind'],
            'occurred_at' => Text::momentOf((int) $row['created_at']),
        ] + $told);
    }

    private function told(string $kind, string $subject, int $idShop)
    {
        switch ($kind) {
            case self::HELLO:
                return ['hello' => $this->hello->read($idShop)];
            case self::ORDER:
                return $this->order((int) $subject, []);
            case self::GOODBYE:
                return [];
            case self::CUSTOMER:
                return $this->customer((int) $subject, $idShop, []);
            case self::PAST_CUSTOMER:
                return $this->customer((int) $subject, $idShop, ['is_backfill' => true]);
            case self::CART:
                return $this->named('cart', $this->carts->read((int) $subject, $this->clock->milliseconds()));
            case self::BACKFILL:
                return $this->order((int) $subject, ['is_backfill' => true]);
        }

        return null;
    }

    private function customer(int $idCustomer, int $idShop, array $marks)
    {
        $customer = $this->customers->read($idCustomer, $idShop, $this->clock->milliseconds());

        return $customer === null ? null : $marks + ['customer' => $customer];
    }

    private function named(string $name, ?array $told)
    {
        return $told === null ? null : [$name => $told];
    }

    private function order(int $idOrder, array $marks)
    {
        $order = $this->orders->read($idOrder, $this->version($idOrder));

        return $order === null ? null : $marks + ['order' => $order];
    }

    /**
     * Later for every reading of an order, even on a clock that was put back.
     */
    private function version(int $idOrder): int
    {
        $this->database->insertOnce('chappe_order', ['id_order' => $idOrder]);
        $last = (int) $this->database->value('SELECT version FROM {chappe_order} WHERE id_order = ' . $idOrder);
        $version = max($this->clock->milliseconds(), $last + 1);
        $this->database->run('UPDATE {chappe_order} SET version = ' . $version . ' WHERE id_order = ' . $idOrder);

        return $version;
    }
}
