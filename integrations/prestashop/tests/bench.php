<?php

/**
 * What the hooks cost a request of the shop: `php bench.php ROUNDS [mysql:…]`. On stubs, with SQLite on disk as the
 * database, or with an empty database of MariaDB that the user of this shell may use; each write a transaction.
 * Prints JSON, milliseconds.
 */

use ChappeModule\AfterResponse;
use ChappeModule\Settings;

require __DIR__ . '/bootstrap.php';

$file = tempnam(sys_get_temp_dir(), 'chappe-bench-');
unlink($file);
$shop = new ShopWorld(new Receiver(), new SetClock(), $argv[2] ?? $file);
$shop->pair();
Settings::turn(Settings::CARTS, true, 1);
Settings::word([1 => 'Oui'], 1);
$rounds = (int) ($argv[1] ?? 300);
$module = $shop->module;
foreach (range(1, 50) as $id) {
    $shop->order($id);
}
$hooks = [
    'actionValidateOrder, new order' => function ($round) use ($module) {
        $order = (object) ['id' => 1000 + $round, 'id_shop' => 1, 'id_cart' => 1000 + $round];
        $module->hookActionValidateOrder(['order' => $order]);
    },
    'actionOrderStatusPostUpdate, noted already' => function ($round) use ($module) {
        $module->hookActionOrderStatusPostUpdate(['id_order' => 1 + $round % 50]);
    },
    'actionCartSave, new cart' => function ($round) use ($module) {
        $module->hookActionCartSave(['cart' => new Cart(1000 + $round)]);
    },
    'what follows a page, for its cart' => function ($round) use ($module) {
        $module->hookActionCartSave(['cart' => new Cart(5000 + $round)]);
        AfterResponse::run();
    },
    'actionCartSave, known cart' => function ($round) use ($module) {
        $module->hookActionCartSave(['cart' => new Cart(1000)]);
    },
    'actionObjectAddressUpdateAfter' => function ($round) use ($module) {
        $module->hookActionObjectAddressUpdateAfter(['object' => (object) ['id_customer' => 1000 + $round]]);
    },
    'additionalCustomerAddressFields' => function () use ($module) {
        $module->hookAdditionalCustomerAddressFields([]);
    },
    'actionFrontControllerInitBefore' => function () use ($module) {
        $module->hookActionFrontControllerInitBefore([]);
    },
];
$figures = [];
foreach ($hooks as $name => $hook) {
    $times = [];
    for ($round = 0; $round < $rounds; $round++) {
        $began = hrtime(true);
        $hook($round);
        $times[] = (hrtime(true) - $began) / 1e6;
    }
    sort($times);
    $figures[$name] = [
        'median_ms' => round($times[intdiv($rounds, 2)], 3),
        'p95_ms' => round($times[(int) ($rounds * 0.95)], 3),
        'max_ms' => round(end($times), 3),
    ];
}
array_map('unlink', glob($file . '*'));
echo json_encode([
    'rounds' => $rounds,
    'php' => PHP_VERSION,
    'database' => Db::$instance->pdo->getAttribute(PDO::ATTR_SERVER_VERSION),
    'hooks' => $figures,
], JSON_PRETTY_PRINT), "\n";
