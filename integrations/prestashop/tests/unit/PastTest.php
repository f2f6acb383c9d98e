<?php

/**
 * What the server asks for of the past.
 */

use ChappeModule\Past;
use PHPUnit\Framework\TestCase;

class PastTest extends TestCase
{
    /** @var Receiver */
    private $receiver;

    /** @var ShopWorld */
    private $shop;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
        $this->shop = new ShopWorld($this->receiver, new SetClock());
        foreach (range(1, 60) as $id) {
            $this->shop->order($id);
        }
        $this->shop->pair();
    }

    private function note(string $what, int $after): array
    {
        return (new Past($this->shop->module->kit()))->note(1, $what, $after);
    }

    public function testAPageIsNotedBehindTheLastOneAndToldAsThePast(): void
    {
        $first = $this->note('orders', 0);
        $second = $this->note('orders', $first['last']);
        $this->shop->flush();

        $this->assertSame(['noted' => 50, 'last' => 50, 'total' => 60], $first);
        $this->assertSame(['noted' => 10, 'last' => 60, 'total' => 60], $second);
        $this->assertSame([60, [true], ['order.changed']], [
            count($this->receiver->events()),
            array_values(array_unique(array_column($this->receiver->events(), 'is_backfill'))),
            array_values(array_unique(array_column($this->receiver->events(), 'kind'))),
        ]);
    }

    public function testCustomersAreToldAsThePastToo(): void
    {
        $this->note('customers', 59);
        $this->shop->flush();

        [$event] = $this->receiver->events();
        $this->assertSame(['customer.changed', true, '60'], [
            $event['kind'], $event['is_backfill'], $event['customer']['id'],
        ]);
    }

    public function testWhileMuchWaitsNothingMoreIsNoted(): void
    {
        $this->note('orders', 0);
        $this->note('orders', 50);
        $this->note('customers', 0);

        $this->assertSame(['noted' => 0, 'last' => 50, 'total' => 60], $this->note('customers', 50));
    }

    public function testWhatNobodyKnowsIsNothing(): void
    {
        $this->assertSame(['noted' => 0, 'last' => 0, 'total' => 0], $this->note('passwords', 0));
    }

    public function testTheQuestionIsSignedWithItsPlace(): void
    {
        $this->assertSame(['', 'past=orders&after=50'], [Past::question('', 0), Past::question('orders', 50)]);
    }
}
