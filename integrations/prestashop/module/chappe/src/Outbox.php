<?php

/**
 * What is to be told to the server, in its order.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Outbox
{
    public const LARGEST_BATCH = 50;
    public const GIVE_UP_AFTER = 3 * 86400;
    public const MOST_READINGS = 3;
    public const CART_RIPENS_IN = 60;
    public const KEEP_SETTLED = 7 * 86400;

    /** @var Database */
    private $database;

    /** @var Connections */
    private $connections;

    public function __construct(Database $database, Connections $connections)
    {
        $this->database = $database;
        $this->connections = $connections;
    }

    /**
     * Note that there is news of a subject. While a row about it waits, one more says nothing new: what is told is
     * read when the row is sent.
     */
    public function note(int $idShop, string $kind, string $subject, int $now): void
    {
        if (!$this->connections->isOpen($idShop)) {
            return;
        }
        $this->database->insertOnce('chappe_outbox', [
            'event_id' => Uuid::create(),
            'id_shop' => $idShop,
            'kind' => $kind,
            'subject' => $subject,
            'dedup_key' => $idShop . ' ' . $kind . ' ' . $subject,
            'created_at' => $now,
        ]);
    }

    /**
     * Tell what is known now and will not be there to be read later.
     */
    public function tell(int $idShop, string $kind, string $subject, array $told, int $now): void
    {
        if (!$this->connections->isOpen($idShop)) {
            return;
        }
        $id = Uuid::create();
        $event = ['id' => $id, 'kind' => $kind, 'occurred_at' => Text::momentOf($now)] + $told;
        $this->database->insertOnce('chappe_outbox', [
            'event_id' => $id,
            'id_shop' => $idShop,
            'kind' => $kind,
            'subject' => $subject,
            'dedup_key' => $id,
            'payload' => Text::json($event),
            'created_at' => $now,
        ]);
    }

    /**
     * The rows of the next call: those of a call that failed, as they were, or the oldest others under a new id.
     */
    public function batch(int $idShop, int $limit, int $now): array
    {
        // A cart changes with every click: it is told a minute after it began to, once.
        $ripe = "AND (kind <> '" . Events::CART . "' OR created_at <= " . ($now - self::CART_RIPENS_IN) . ') ';
        $first = $this->waiting($idShop, $ripe, 1)[0] ?? null;
        if ($first === null) {
            return [];
        }
        if ($first['batch_id'] !== null) {
            return $this->waiting($idShop, 'AND batch_id = ' . $this->database->quote($first['batch_id']), $limit);
        }
        $ids = array_column($this->waiting($idShop, $ripe . 'AND batch_id IS NULL', $limit), 'id');

        return $this->openBatch($idShop, Uuid::create(), $ids);
    }

    /**
     * From here on news of the same subjects makes rows of its own: so this comes before the subjects are read.
     */
    private function openBatch(int $idShop, string $batchId, array $ids): array
    {
        $this->database->run('UPDATE {chappe_outbox} SET dedup_key = event_id, batch_id = '
            . $this->database->quote($batchId) . ' WHERE id IN (' . implode(', ', array_map('intval', $ids)) . ')');

        return $this->waiting($idShop, 'AND batch_id = ' . $this->database->quote($batchId), count($ids));
    }

    private function waiting(int $idShop, string $condition, int $limit): array
    {
        return $this->database->rows('SELECT id, event_id, kind, subject, batch_id, payload, readings, created_at'
            . ' FROM {chappe_outbox} WHERE id_shop = ' . $idShop . ' AND settled_at = 0 ' . $condition
            . ' ORDER BY id LIMIT ' . min($limit, self::LARGEST_BATCH));
    }

    /**
     * Counted before a subject is read: PrestaShop ends the whole process where it misses something.
     */
    public function reading(int $id): void
    {
        $this->database->run('UPDATE {chappe_outbox} SET readings = readings + 1 WHERE id = ' . $id);
    }

    /**
     * What a row tells never changes once it may have been sent.
     */
    public function freeze(int $id, string $payload): void
    {
        $this->database->run('UPDATE {chappe_outbox} SET payload = ' . $this->database->quote($payload)
            . ' WHERE id = ' . $id);
    }

    /**
     * A row is done with: `delivered`, `refused`, `gone` or `too old`. What it told is forgotten.
     */
    public function settle(int $id, string $outcome, int $now, string $reason = ''): void
    {
        $this->database->run('UPDATE {chappe_outbox} SET payload = NULL, dedup_key = event_id, settled_at = ' . $now
            . ', outcome = ' . $this->database->quote($outcome)
            . ', reason = ' . $this->database->quote(mb_substr($reason, 0, 200)) . ' WHERE id = ' . $id);
    }

    /**
     * Rows that an answer did not mention go into another call.
     */
    public function reopen(string $batchId): void
    {
        $this->database->run('UPDATE {chappe_outbox} SET batch_id = NULL WHERE settled_at = 0'
            . ' AND batch_id = ' . $this->database->quote($batchId));
    }

    /**
     * What waits for one Chappe is nothing for another.
     */
    public function discard(int $idShop): void
    {
        $this->database->run('DELETE FROM {chappe_outbox} WHERE settled_at = 0 AND id_shop = ' . $idShop);
    }

    /**
     * Give up what is too old, and forget what was settled long ago.
     */
    public function clean(int $idShop, int $now): void
    {
        $this->database->run("UPDATE {chappe_outbox} SET outcome = 'too old', payload = NULL, dedup_key = event_id,"
            . ' settled_at = ' . $now . ' WHERE id_shop = ' . $idShop . ' AND settled_at = 0'
            . ' AND created_at < ' . ($now - self::GIVE_UP_AFTER));
        $this->database->run('DELETE FROM {chappe_outbox} WHERE id_shop = ' . $idShop . ' AND settled_at > 0'
            . ' AND settled_at < ' . ($now - self::KEEP_SETTLED));
    }

    /**
     * @return int[] how many rows there are by outcome, those that wait under `waiting`; and the oldest of these
     */
    public function figures(int $idShop): array
    {
        $figures = ['waiting' => 0, 'delivered' => 0, 'refused' => 0, 'gone' => 0, 'too old' => 0];
        $rows = $this->database->rows("SELECT COALESCE(outcome, 'waiting') AS outcome, COUNT(*) AS number"
            . ' FROM {chappe_outbox} WHERE id_shop = ' . $idShop . ' GROUP BY outcome');
        foreach ($rows as $row) {
            $figures[$row['outcome']] = (int) $row['number'];
        }
        $figures['oldest'] = (int) $this->database->value(
            'SELECT MIN(created_at) FROM {chappe_outbox} WHERE id_shop = ' . $idShop . ' AND settled_at = 0'
        );

        return $figures;
    }

    public function refusals(int $idShop, int $limit): array
    {
        return $this->database->rows('SELECT kind, subject, reason, settled_at FROM {chappe_outbox} WHERE id_shop = '
            . $idShop . " AND outcome = 'refused' ORDER BY id DESC LIMIT " . $limit);
    }
}
