<?php

/**
 * An order as it stands, in the words of docs/prestashop-webhook.md.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class OrderReader
{
    /** @var Database */
    private $database;

    /** @var StateMap */
    private $states;

    public function __construct(Database $database, StateMap $states)
    {
        $this->database = $database;
        $this->states = $states;
    }

    /**
     * @return array|null null when the shop has no such order any more
     */
    public function read(int $idOrder, int $version)
    {
        $order = $this->database->row('SELECT o.*, c.iso_code AS currency, l.iso_code AS language,'
            . ' u.firstname AS first_name, u.is_guest FROM {orders} o'
            . ' LEFT JOIN {currency} c ON c.id_currency = o.id_currency'
            . ' LEFT JOIN {lang} l ON l.id_lang = o.id_lang'
            . ' LEFT JOIN {customer} u ON u.id_customer = o.id_customer WHERE o.id_order = ' . $idOrder);
        if (!$order) {
            return null;
        }
        $states = $this->states($order);
        $moments = $this->moments($states, $order);
        $delivery = $this->address((int) $order['id_address_delivery']);

        return array_filter([
            'id' => (string) $idOrder,
            'number' => (string) $order['reference'],
            'version' => $version,
            'placed_at' => Text::moment($order['date_add']),
            'paid_at' => $moments[StateMap::PAID] ?? null,
            'shipped_at' => $moments[StateMap::SHIPPED] ?? null,
            'delayed_at' => $moments[StateMap::DELAYED] ?? null,
            'out_for_delivery_at' => $moments[StateMap::OUT_FOR_DELIVERY] ?? null,
            'ready_at' => $moments[StateMap::READY] ?? null,
            'delivered_at' => $moments[StateMap::DELIVERED] ?? null,
            'cancelled_at' => $moments[StateMap::CANCELLED] ?? null,
            'currency' => (string) $order['currency'],
            'total' => Text::money($order['total_paid_tax_incl']),
            'country' => $delivery['country'] ?? null,
            'language' => Text::language((string) $order['language']),
            'is_test' => false,
            'customer' => $this->customer($order, $delivery),
            'discount_codes' => $this->discountCodes($idOrder),
            'tracking' => $this->tracking($idOrder),
            'refunds' => $this->refunds($order, $moments[StateMap::REFUNDED] ?? null),
            'states' => $this->openStates($states, $order),
            'items' => $this->items($idOrder),
            'status_url' => $this->statusUrl($order),
            'click_id' => $this->clickId($idOrder),
        ], function ($value) {
            return $value !== null;
        });
    }

    /**
     * The states that the order went through, oldest first, each with its `moment`: the history tells; where it does
     * not, or without a date, the order's own date does.
     */
    private function states(array $order): array
    {
        $columns = 's.id_order_state, s.paid, s.shipped, n.name';
        $names = ' LEFT JOIN {order_state_lang} n ON n.id_order_state = s.id_order_state AND n.id_lang = '
            . (int) $order['id_lang'];
        $states = $this->database->rows('SELECT ' . $columns . ', h.date_add AS moment FROM {order_history} h'
            . ' JOIN {order_state} s ON s.id_order_state = h.id_order_state' . $names . ' WHERE h.id_order = '
            . (int) $order['id_order'] . " ORDER BY h.date_add < '1990-01-01', h.date_add, h.id_order_history");
        $current = $this->database->rows('SELECT ' . $columns . ' FROM {order_state} s' . $names
            . ' WHERE s.id_order_state = ' . (int) $order['current_state']);
        foreach ($current as $state) {
            $states[] = $state + ['moment' => $order['date_upd']];
        }

        return array_map(function ($state) use ($order) {
            return ['moment' => Text::moment($state['moment']) ?? Text::moment($order['date_upd'])] + $state;
        }, $states);
    }

    /**
     * When each fact first held.
     */
    private function moments(array $states, array $order): array
    {
        $moments = [];
        foreach ($states as $state) {
            foreach ($this->states->facts($state, (int) $order['id_shop']) as $fact) {
                $moments += [$fact => $state['moment']];
            }
        }

        return $moments;
    }

    /**
     * States of the shop's own that stand for nothing we know: the server may know what they mean.
     */
    private function openStates(array $states, array $order): array
    {
        $open = [];
        foreach ($states as $state) {
            $id = (string) $state['id_order_state'];
            if (!isset($open[$id]) && $this->states->isOpen($state, (int) $order['id_shop'])) {
                $name = mb_substr((string) $state['name'], 0, 80);
                $open[$id] = ['id' => $id, 'name' => $name, 'reached_at' => $state['moment']];
            }
        }

        return array_slice(array_values($open), 0, 20);
    }

    private function address(int $idAddress): array
    {
        return $this->database->row('SELECT a.phone, a.phone_mobile, c.iso_code AS country FROM {address} a'
            . ' JOIN {country} c ON c.id_country = a.id_country WHERE a.id_address = ' . $idAddress);
    }

    private function customer(array $order, array $delivery): array
    {
        $addresses = [$delivery];
        if ($order['id_address_invoice'] !== $order['id_address_delivery']) {
            $addresses[] = $this->address((int) $order['id_address_invoice']);
        }

        return [
            'first_name' => Text::firstName((string) $order['first_name']),
            'phones' => Phones::of(array_filter($addresses)),
        ];
    }

    private function discountCodes(int $idOrder): array
    {
        $codes = array_column($this->database->rows('SELECT r.code FROM {order_cart_rule} o'
            . ' JOIN {cart_rule} r ON r.id_cart_rule = o.id_cart_rule WHERE o.id_order = ' . $idOrder
            . " AND r.code <> '' ORDER BY o.id_order_cart_rule LIMIT 20"), 'code');

        return array_map(function ($code) {
            return mb_substr($code, 0, 80);
        }, $codes);
    }

    private function tracking(int $idOrder): array
    {
        $parcels = $this->database->rows('SELECT o.tracking_number AS number, c.url, c.name FROM {order_carrier} o'
            . ' LEFT JOIN {carrier} c ON c.id_carrier = o.id_carrier WHERE o.id_order = ' . $idOrder
            . " AND o.tracking_number <> '' ORDER BY o.id_order_carrier LIMIT 20");

        return array_map(function ($parcel) {
            $url = str_replace('@', rawurlencode($parcel['number']), (string) $parcel['url']);
            // A carrier named 0 goes by the name of the shop.
            $name = (string) $parcel['name'] === '0' ? \Configuration::get('PS_SHOP_NAME') : $parcel['name'];
            $told = ['number' => $parcel['number'], 'carrier' => mb_substr((string) $name, 0, 80)];

            return Text::isWebAddress($url) ? $told + ['url' => $url] : $told;
        }, $parcels);
    }

    /**
     * Credit slips; without any, a state that means refunded gives everything back, and slips that follow give no more.
     */
    private function refunds(array $order, ?string $refundedAt): array
    {
        $slips = $this->database->rows('SELECT id_order_slip, amount, shipping_cost_amount, total_products_tax_excl,'
            . ' total_products_tax_incl, date_add FROM {order_slip} WHERE id_order = ' . (int) $order['id_order']
            . ' ORDER BY id_order_slip LIMIT 50');
        if ($refundedAt !== null && (!$slips || $this->wasRefundedWhole((int) $order['id_order']))) {
            $this->database->run('UPDATE {chappe_order} SET refunded_whole = 1 WHERE id_order = '
                . (int) $order['id_order']);
            $all = Text::money($order['total_paid_tax_incl']);

            return [['id' => 'order-' . $order['id_order'], 'amount' => $all, 'refunded_at' => $refundedAt]];
        }

        return array_map(function ($slip) {
            return [
                'id' => (string) $slip['id_order_slip'],
                'amount' => Text::money($this->products($slip) + $slip['shipping_cost_amount']),
                'refunded_at' => Text::moment($slip['date_add']),
            ];
        }, $slips);
    }

    /**
     * A slip's amount is with tax or without, as the shop shows its prices; one that the merchant typed is as typed.
     */
    private function products(array $slip): float
    {
        $totals = [(float) $slip['total_products_tax_excl'], (float) $slip['total_products_tax_incl']];

        return in_array((float) $slip['amount'], $totals) ? $totals[1] : (float) $slip['amount'];
    }

    private function wasRefundedWhole(int $idOrder): bool
    {
        return $this->database->value('SELECT refunded_whole FROM {chappe_order} WHERE id_order = ' . $idOrder) === '1';
    }

    private function items(int $idOrder): array
    {
        $names = array_column($this->database->rows('SELECT product_name FROM {order_detail} WHERE id_order = '
            . $idOrder . ' ORDER BY id_order_detail LIMIT 3'), 'product_name');

        return array_map(function ($name) {
            return mb_substr($name, 0, 200);
        }, $names);
    }

    /**
     * Where the customer follows the order: guests by its number, customers after logging in.
     */
    private function statusUrl(array $order)
    {
        $shop = Text::shopAddress($this->database, (int) $order['id_shop']);
        $page = (int) $order['is_guest']
            ? 'controller=guest-tracking&order_reference=' . rawurlencode($order['reference'])
            : 'controller=order-detail&id_order=' . (int) $order['id_order'];

        return $shop === null ? null : $shop . 'index.php?' . $page;
    }

    private function clickId(int $idOrder): string
    {
        return $this->database->value('SELECT click_id FROM {chappe_order} WHERE id_order = ' . $idOrder);
    }
}
