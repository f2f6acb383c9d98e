<?php

/**
 * Notes what the server asks for of the past, a page at a time.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Past
{
    public const PAGE = 50;
    /** While so much waits, nothing more is noted: news of today waits behind it. */
    public const MOST_WAITING = 100;
    /** What can be asked for: table, id, and the kind of event that tells it. */
    public const KINDS = [
        'customers' => ['customer', 'id_customer', Events::PAST_CUSTOMER],
        'orders' => ['orders', 'id_order', Events::BACKFILL],
    ];

    /** @var Kit */
    private $kit;

    public function __construct(Kit $kit)
    {
        $this->kit = $kit;
    }

    /**
     * The body of the question, as the server has signed it.
     */
    public static function question(string $what, int $after): string
    {
        return $what === '' ? '' : 'past=' . $what . '&after=' . $after;
    }

    /**
     * Contacts and figures are built of it; it never sends a message.
     *
     * @return int[] how many were `noted`, the `last` id of them, and the `total` of the shop
     */
    public function note(int $idShop, string $what, int $after): array
    {
        if (!isset(self::KINDS[$what])) {
            return ['noted' => 0, 'last' => $after, 'total' => 0];
        }
        [$table, $id, $kind] = self::KINDS[$what];
        $of = ' FROM {' . $table . '} WHERE id_shop = ' . $idShop;
        $ids = [];
        if ($this->kit->outbox->figures($idShop)['waiting'] <= self::MOST_WAITING) {
            $ids = array_column($this->kit->database->rows('SELECT ' . $id . $of . ' AND ' . $id . ' > ' . $after
                . ' ORDER BY ' . $id . ' LIMIT ' . self::PAGE), $id);
        }
        foreach ($ids as $one) {
            $this->kit->outbox->note($idShop, $kind, (string) $one, $this->kit->clock->now());
        }

        return [
            'noted' => count($ids),
            'last' => $ids ? (int) end($ids) : $after,
            'total' => (int) $this->kit->database->value('SELECT COUNT(*)' . $of),
        ];
    }
}
