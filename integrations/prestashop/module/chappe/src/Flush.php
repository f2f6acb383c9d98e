<?php

/**
 * Delivers what waits in the outbox, one signed call at a time.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Flush
{
    public const FIRST_PAUSE = 10;
    public const LONGEST_PAUSE = 6 * 3600;

    /** @var Connections */
    private $connections;

    /** @var Outbox */
    private $outbox;

    /** @var Events */
    private $events;

    /** @var Transport */
    private $transport;

    /** @var Clock */
    private $clock;

    public function __construct(
        Connections $connections,
        Outbox $outbox,
        Events $events,
        Transport $transport,
        Clock $clock
    ) {
        $this->connections = $connections;
        $this->outbox = $outbox;
        $this->events = $events;
        $this->transport = $transport;
        $this->clock = $clock;
    }

    /**
     * At most so many calls of at most so many events; the first one that fails ends it.
     *
     * @param string $way `response`, `cron` or `pull`
     *
     * @return int how many events were settled
     */
    public function run(int $idShop, string $way, int $calls, int $limit = Outbox::LARGEST_BATCH): int
    {
        $this->connections->seen($idShop, $way, $this->clock->now());
        $shop = $this->connections->get($idShop);
        if (!$shop || (int) $shop['next_attempt_at'] > $this->clock->now()) {
            return 0;
        }
        $by = Uuid::create();
        $settled = 0;
        try {
            while ($calls-- > 0 && $this->connections->lease($idShop, $by, $this->clock->now())) {
                $now = $this->call($shop, $limit);
                $settled += $now;
                if ($now === 0) {
                    break;
                }
            }
        } finally {
            $this->connections->release($idShop, $by);
        }

        return $settled;
    }

    /**
     * @return int how many events are settled by it; 0 ends a flush
     */
    private function call(array $shop, int $limit): int
    {
        $idShop = (int) $shop['id_shop'];
        $this->outbox->clean($idShop, $this->clock->now());
        $rows = $this->outbox->batch($idShop, $limit, $this->clock->now());
        $told = $this->payloads($rows, $idShop);
        if (!$told) {
            return count($rows);
        }
        $batchId = $rows[0]['batch_id'];
        $body = $this->body($idShop, $told);
        $headers = Signature::headers($shop['secret'], $batchId, $this->clock->now(), $body);
        $response = $this->transport->post($shop['endpoint'], $headers, $body);
        $settled = $this->settle($rows, $response);
        $this->remember($shop, $response, $settled);
        if ($settled > 0) {
            $this->outbox->reopen($batchId);
        }

        return $settled;
    }

    /**
     * @return string[] what each row tells, frozen before anything is sent
     */
    private function payloads(array $rows, int $idShop): array
    {
        $told = [];
        foreach ($rows as $row) {
            $payload = $row['payload'] === null ? $this->frozen($row, $idShop) : $row['payload'];
            if ($payload !== null) {
                $told[] = $payload;
            }
        }

        return $told;
    }

    /**
     * @return string|null null when the row is settled without a call: one bad row never blocks the rest
     */
    private function frozen(array $row, int $idShop)
    {
        $id = (int) $row['id'];
        try {
            if ((int) $row['readings'] >= Outbox::MOST_READINGS) {
                throw new \RuntimeException('reading it ended the process each time.');
            }
            $this->outbox->reading($id);
            $payload = $this->events->payload($row, $idShop);
        } catch (\Throwable $error) {
            $reason = 'The module could not read it: ' . $error->getMessage();
            $this->outbox->settle($id, 'refused', $this->clock->now(), $reason);

            return null;
        }
        if ($payload === null) {
            $this->outbox->settle($id, 'gone', $this->clock->now());
        } else {
            $this->outbox->freeze($id, $payload);
        }

        return $payload;
    }

    private function body(int $idShop, array $told): string
    {
        $shop = Text::json(['installation' => \Configuration::getGlobalValue('CHAPPE_INSTALLATION'), 'id' => $idShop]);

        return '{"schema":1,"shop":' . $shop . ',"events":[' . implode(',', $told) . ']}';
    }

    private function settle(array $rows, Response $response): int
    {
        $answer = $response->status === 200 ? json_decode($response->body, true) : null;
        $reasons = [];
        foreach ($answer['refused'] ?? [] as $refused) {
            $reasons[(string) ($refused['id'] ?? '')] = (string) ($refused['reason'] ?? '');
        }
        $settled = 0;
        foreach ($rows as $row) {
            $id = $row['event_id'];
            if (in_array($id, $answer['accepted'] ?? [], true)) {
                $this->outbox->settle((int) $row['id'], 'delivered', $this->clock->now());
                $settled++;
            } elseif (isset($reasons[$id])) {
                $this->outbox->settle((int) $row['id'], 'refused', $this->clock->now(), $reasons[$id]);
                $settled++;
            }
        }

        return $settled;
    }

    private function remember(array $shop, Response $response, int $settled): void
    {
        $idShop = (int) $shop['id_shop'];
        if ($settled > 0) {
            $this->connections->succeeded($idShop, $this->clock->now());
        } elseif (in_array($response->status, [404, 410], true)) {
            $this->connections->stop($idShop, $response);
        } else {
            $pause = max($this->pause((int) $shop['attempts']), $response->pause($this->clock->now()));
            $this->connections->failed($idShop, $response, $this->clock->now() + $pause);
        }
    }

    /**
     * Twice as long after each failure, and a little more, so that many shops do not come back at once.
     */
    private function pause(int $attempts): int
    {
        $pause = min(self::FIRST_PAUSE * 2 ** min($attempts, 20), self::LONGEST_PAUSE);

        return $pause + random_int(0, intdiv($pause, 5));
    }
}
