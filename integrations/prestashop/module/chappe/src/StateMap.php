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

    /** @var array[] what was chosen, by shop and state: read once a request */
    private $chosen = [];

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
     * Whether nobody has said what the state means: neither PrestaShop nor the merchant.
     */
    public function isOpen(array $state, int $idShop): bool
    {
        return !$this->facts($state, $idShop) && !isset($this->chosen($idShop)[(int) $state['id_order_state']]);
    }

    /**
     * @return array[] each state of the shop with the facts it stands for; `nothing` where the merchant said so
     */
    public function told(int $idShop, int $idLang): array
    {
        return array_map(function ($state) use ($idShop) {
            $facts = $this->facts($state, $idShop);

            return [
                'id' => (string) $state['id_order_state'],
                'name' => mb_substr((string) $state['name'], 0, 80),
                'facts' => $facts || $this->isOpen($state, $idShop) ? $facts : [self::NOTHING],
            ];
        }, $this->database->rows('SELECT s.id_order_state, s.paid, s.shipped, n.name FROM {order_state} s'
            . ' LEFT JOIN {order_state_lang} n ON n.id_order_state = s.id_order_state AND n.id_lang = ' . $idLang
            . ' WHERE s.deleted = 0 ORDER BY s.id_order_state LIMIT 100'));
    }

    /**
     * @return string[] what the merchant chose, by state
     */
    public function chosen(int $idShop): array
    {
        if (!isset($this->chosen[$idShop])) {
            $rows = $this->database->rows('SELECT id_order_state, fact FROM {chappe_state} WHERE id_shop = '
                . $idShop);
            $this->chosen[$idShop] = array_column($rows, 'fact', 'id_order_state');
        }

        return $this->chosen[$idShop];
    }

    /**
     * @param string[] $facts by state; any other word than those of FACTS leaves the state to its flags
     */
    public function choose(int $idShop, array $facts): void
    {
        unset($this->chosen[$idShop]);
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
