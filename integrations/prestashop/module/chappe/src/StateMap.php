<?php

/**
 * Which facts about an order the states of the shop stand for.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class StateMap
{
    public const PAID = 'paid';
    public const SHIPPED = 'shipped';
    public const DELAYED = 'delayed';
    public const OUT_FOR_DELIVERY = 'out_for_delivery';
    public const READY = 'ready';
    public const DELIVERED = 'delivered';
    public const CANCELLED = 'cancelled';
    public const REFUNDED = 'refunded';
    public const NOTHING = 'nothing';
    public const FACTS = [
        self::PAID,
        self::SHIPPED,
        self::DELAYED,
        self::OUT_FOR_DELIVERY,
        self::READY,
        self::DELIVERED,
        self::CANCELLED,
        self::REFUNDED,
        self::NOTHING,
    ];

    /** @var Database */
    private $database;

    public function __construct(Database $database)
    {
        $this->database = $database;
    }

    /**
     * @param array $state a row of the shop with `id_order_state`, `paid` and `shipped`
     *
     * @return string[] the facts that hold once an order has had this state
     */
    public function facts(array $state, int $idShop): array
    {
        $chosen = $this->chosen($idShop)[(int) $state['id_order_state']] ?? null;
        if ($chosen === self::NOTHING) {
            return [];
        }
        $facts = $chosen === null ? $this->usual($state) : [$chosen];

        return (int) $state['paid'] && !in_array(self::PAID, $facts, true) ? array_merge([self::PAID], $facts) : $facts;
    }

    /**
     * @return string[] what the merchant chose, by state
     */
    public function chosen(int $idShop): array
    {
        $rows = $this->database->rows('SELECT id_order_state, fact FROM {chappe_state} WHERE id_shop = ' . $idShop);

        return array_column($rows, 'fact', 'id_order_state');
    }

    /**
     * @param string[] $facts by state; any other word than those of FACTS leaves the state to its flags
     */
    public function choose(int $idShop, array $facts): void
    {
        $this->database->run('DELETE FROM {chappe_state} WHERE id_shop = ' . $idShop);
        foreach ($facts as $idState => $fact) {
            if (in_array($fact, self::FACTS, true)) {
                $row = ['id_shop' => $idShop, 'id_order_state' => (int) $idState, 'fact' => $fact];
                $this->database->insertOnce('chappe_state', $row);
            }
        }
    }

    /**
     * What PrestaShop itself says of the state. It has no flag for delivered: only the state it came with.
     */
    public function usual(array $state): array
    {
        $known = [
            (int) \Configuration::get('PS_OS_DELIVERED') => [self::SHIPPED, self::DELIVERED],
            (int) \Configuration::get('PS_OS_CANCELED') => [self::CANCELLED],
            (int) \Configuration::get('PS_OS_REFUND') => [self::REFUNDED],
        ];

        return $known[(int) $state['id_order_state']] ?? ((int) $state['shipped'] ? [self::SHIPPED] : []);
    }
}
