<?php

/**
 * With which Chappe each shop of the installation is connected, and how that is going.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Connections
{
    /** A process that dies in the middle of a call is replaced after so many seconds. */
    public const LEASE = 60;

    /** @var Database */
    private $database;

    public function __construct(Database $database)
    {
        $this->database = $database;
    }

    /**
     * @return array its row; empty when the shop is not connected
     */
    public function get(int $idShop): array
    {
        return $this->database->row('SELECT * FROM {chappe_shop} WHERE id_shop = ' . $idShop);
    }

    public function isOpen(int $idShop): bool
    {
        $row = $this->get($idShop);

        return $row && !$row['stopped_because'];
    }

    /**
     * @return int[] the shops that may call
     */
    public function open(): array
    {
        $rows = $this->database->rows(
            'SELECT id_shop FROM {chappe_shop} WHERE stopped_because IS NULL ORDER BY id_shop'
        );

        return array_map('intval', array_column($rows, 'id_shop'));
    }

    public function pair(int $idShop, PairingToken $token, int $now): void
    {
        $this->forget($idShop);
        $this->database->insertOnce('chappe_shop', [
            'id_shop' => $idShop,
            'endpoint' => $token->endpoint,
            'secret' => $token->secret,
            'paired_at' => $now,
        ]);
    }

    public function forget(int $idShop): void
    {
        $this->database->run('DELETE FROM {chappe_shop} WHERE id_shop = ' . $idShop);
    }

    /**
     * Whether this process alone may call for the shop now. Ours to give back with `release`.
     */
    public function lease(int $idShop, string $by, int $now): bool
    {
        $this->database->run('UPDATE {chappe_shop} SET lease_by = ' . $this->database->quote($by) . ', lease_until = '
            . ($now + self::LEASE) . ' WHERE id_shop = ' . $idShop
            . ' AND (lease_until <= ' . $now . ' OR lease_by = ' . $this->database->quote($by) . ')');
        // Looked up and not counted: MySQL does not count a row that is changed to what it was.
        $shop = $this->get($idShop);

        return $shop && $shop['lease_by'] === $by && !$shop['stopped_because'];
    }

    public function release(int $idShop, string $by): void
    {
        $this->database->run('UPDATE {chappe_shop} SET lease_until = 0, lease_by = NULL WHERE id_shop = ' . $idShop
            . ' AND lease_by = ' . $this->database->quote($by));
    }

    /**
     * A way of flushing is alive: `response`, `cron` or `pull`.
     */
    public function seen(int $idShop, string $way, int $now): void
    {
        $this->change($idShop, 'via_' . $way . '_at = ' . $now);
    }

    public function succeeded(int $idShop, int $now): void
    {
        $this->change($idShop, 'attempts = 0, next_attempt_at = 0, last_status = 200, last_error = NULL,'
            . ' last_ok_at = ' . $now);
    }

    public function failed(int $idShop, Response $response, int $nextAttemptAt): void
    {
        $this->change($idShop, 'attempts = attempts + 1, next_attempt_at = ' . $nextAttemptAt
            . ', last_status = ' . $response->status
            . ', last_error = ' . $this->database->quote(mb_substr($response->error, 0, 200)));
    }

    /**
     * The server says that it is over: nothing is noted or sent until the merchant connects again.
     */
    public function stop(int $idShop, Response $response): void
    {
        $this->change($idShop, "stopped_because = 'gone', last_status = " . $response->status);
    }

    public function resume(int $idShop): void
    {
        $this->change($idShop, 'stopped_because = NULL, attempts = 0, next_attempt_at = 0');
    }

    public function hookFailed(int $idShop, \Throwable $error, int $now): void
    {
        $what = mb_substr(get_class($error) . ': ' . $error->getMessage(), 0, 200);
        $this->change($idShop, 'hook_error = ' . $this->database->quote($what) . ', hook_error_at = ' . $now);
    }

    private function change(int $idShop, string $assignments): void
    {
        $this->database->run('UPDATE {chappe_shop} SET ' . $assignments . ' WHERE id_shop = ' . $idShop);
    }
}
