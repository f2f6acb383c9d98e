<?php

/**
 * What the shop calls when something happens to an order. They only note that it did.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

trait OrderHooks
{
    public function hookActionValidateOrder(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->keepClick($params['order']);
            $this->noteOrder((int) $params['order']->id, (int) $params['order']->id_shop);
        });
    }

    /**
     * PrestaShop 8 and later. A cart may become several orders, one a warehouse or carrier.
     */
    public function hookActionValidateOrderAfter(array $params): void
    {
        $this->quietly(function () use ($params) {
            foreach ($params['orders'] as $order) {
                $this->keepClick($order);
                $this->noteOrder((int) $order->id, (int) $order->id_shop);
            }
        });
    }

    public function hookActionOrderStatusPostUpdate(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteOrder((int) $params['id_order']);
        });
    }

    /**
     * The line of the history that says when; it is written after the hook above.
     */
    public function hookActionOrderHistoryAddAfter(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteOrder((int) $params['order_history']->id_order);
        });
    }

    public function hookActionObjectOrderCarrierUpdateAfter(array $params): void
    {
        $this->quietly(function () use ($params) {
            if ((string) $params['object']->tracking_number !== '') {
                $this->noteOrder((int) $params['object']->id_order);
            }
        });
    }

    public function hookActionObjectOrderSlipAddAfter(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteOrder((int) $params['object']->id_order);
        });
    }

    public function hookActionOrderEdited(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteOrder((int) $params['order']->id, (int) $params['order']->id_shop);
        });
    }

    /**
     * @param object $order
     */
    private function keepClick($order): void
    {
        if ($this->kit()->connections->isOpen((int) $order->id_shop)) {
            $this->kit()->carts->ordered((int) $order->id_cart, (int) $order->id, Clicks::current());
        }
    }

    private function noteOrder(int $idOrder, int $idShop = 0): void
    {
        $kit = $this->kit();
        $idShop = $idShop ?: (int) $kit->database->value(
            'SELECT id_shop FROM {orders} WHERE id_order = ' . $idOrder
        );
        $kit->outbox->note($idShop, Events::ORDER, (string) $idOrder, $kit->clock->now());
        AfterResponse::flush($idShop);
    }
}
