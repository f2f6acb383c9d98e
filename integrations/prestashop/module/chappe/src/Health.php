<?php

/**
 * How the connection of a shop is, for the merchant and for the server.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Health
{
    /** @var Kit */
    private $kit;

    public function __construct(Kit $kit)
    {
        $this->kit = $kit;
    }

    /**
     * @return array moments as text, null where there is none
     */
    public function of(int $idShop): array
    {
        $shop = $this->kit->connections->get($idShop);
        $figures = $this->kit->outbox->figures($idShop);

        return [
            'module' => Kit::VERSION,
            'prestashop' => _PS_VERSION_,
            'php' => PHP_VERSION,
            'state' => $this->state($shop),
            'waiting' => $figures['waiting'],
            'oldest_waiting_at' => $this->moment($figures['oldest']),
            'delivered' => $figures['delivered'],
            'refused' => $figures['refused'],
            'too_old' => $figures['too old'],
            'last_ok_at' => $this->moment($shop['last_ok_at'] ?? 0),
            'last_status' => (int) ($shop['last_status'] ?? 0),
            'last_error' => (string) ($shop['last_error'] ?? ''),
            'next_attempt_at' => $this->moment($shop['next_attempt_at'] ?? 0),
            'hook_error' => (string) ($shop['hook_error'] ?? ''),
            'hook_error_at' => $this->moment($shop['hook_error_at'] ?? 0),
            'response_at' => $this->moment($shop['via_response_at'] ?? 0),
            'cron_at' => $this->moment($shop['via_cron_at'] ?? 0),
            'pull_at' => $this->moment($shop['via_pull_at'] ?? 0),
        ];
    }

    private function state(array $shop): string
    {
        if (!$shop) {
            return 'not connected';
        }
        if ($shop['stopped_because']) {
            return 'stopped';
        }
        if ((int) $shop['attempts']) {
            return 'failing';
        }

        return (int) $shop['last_ok_at'] ? 'connected' : 'waiting';
    }

    /**
     * @param int|string $time
     */
    private function moment($time)
    {
        return (int) $time ? date('Y-m-d H:i:s', (int) $time) : null;
    }
}
