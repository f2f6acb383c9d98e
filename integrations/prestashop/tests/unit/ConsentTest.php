<?php

/**
 * Who is asked, and what becomes of the answers.
 */

use ChappeModule\Settings;
use ChappeModule\Visitor;
use PHPUnit\Framework\TestCase;

class ConsentTest extends TestCase
{
    private const WORDS = 'J’accepte de recevoir par SMS les offres de Maison Lambert.';
    private const TICKED = ['chappe_sms_shown' => '1', 'chappe_sms' => '1'];
    private const NOT_TICKED = ['chappe_sms_shown' => '1'];

    /** @var Receiver */
    private $receiver;

    /** @var ShopWorld */
    private $shop;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
        $this->shop = new ShopWorld($this->receiver, new SetClock());
        $this->shop->pair();
        Settings::word([1 => self::WORDS], 1);
        $_SERVER['HTTP_REFERER'] = 'https://maison-lambert.example/inscription?email=camille@example.com';
    }

    private function consents(): array
    {
        $this->shop->flush();

        return array_column(array_column($this->receiver->events(), 'customer'), 'sms_consent');
    }

    public function testAYesIsToldWithItsEvidenceAsSoonAsThereIsANumber(): void
    {
        $this->shop->register(5, self::TICKED);
        $before = $this->consents();
        $this->shop->clock->pass(600);
        $this->shop->address(5, '06 39 98 12 34');
        $after = $this->consents();

        $this->assertSame([], $before);
        $this->assertSame([[
            'state' => 'yes',
            'said_at' => '2026-11-24T09:30:00+00:00',
            'wording' => self::WORDS,
            'wording_version' => substr(hash('sha256', self::WORDS), 0, 12),
            'form' => 'registration',
            'page' => '/inscription',
            'ip' => '192.0.2.0',
        ]], $after);
    }

    public function testABoxThatIsNotTickedIsNoAnswer(): void
    {
        $this->shop->register(5, self::NOT_TICKED);
        $this->shop->address(5, '06 39 98 12 34', self::NOT_TICKED);

        $this->assertSame([null], $this->consents());
    }

    public function testABoxThatWasNotShownChangesNothing(): void
    {
        $this->shop->register(5, self::TICKED);
        $this->shop->address(5, '06 39 98 12 34', []);
        $this->shop->module->hookActionCustomerAccountUpdate(['customer' => (object) ['id' => 5]]);

        $this->assertSame(['yes'], array_column($this->consents(), 'state'));
    }

    public function testTakingTheTickAwayIsANo(): void
    {
        $this->shop->address(5, '06 39 98 12 34');
        $this->shop->register(5, self::TICKED);
        $this->shop->flush();
        $this->shop->clock->pass(60);
        Tools::$values = self::NOT_TICKED;
        $this->shop->module->hookActionCustomerAccountUpdate(['customer' => (object) ['id' => 5]]);

        $this->assertSame(['yes', 'no'], array_column($this->consents(), 'state'));
        $this->assertCount(2, $this->shop->module->kit()->consents->of(5));
    }

    public function testTheBoxShowsTheWordsAndIsNeverTickedBeforehand(): void
    {
        [$box, $shown] = array_values($this->shop->module->hookAdditionalCustomerAddressFields([]));

        $this->assertSame(
            ['chappe_sms', 'checkbox', self::WORDS, false],
            [$box->getName(), $box->getType(), $box->getLabel(), $box->getValue()]
        );
        $this->assertSame(['chappe_sms_shown', 'hidden'], [$shown->getName(), $shown->getType()]);
    }

    public function testNobodyIsAskedWithoutWordsOrWhereTheMerchantDoesNotWantIt(): void
    {
        $onRegistration = $this->shop->module->hookAdditionalCustomerFormFields([]);
        Settings::turn(Settings::REGISTRATION, true, 1);
        $wanted = $this->shop->module->hookAdditionalCustomerFormFields([]);
        Settings::word([1 => ' '], 1);

        $this->assertSame([[], 2], [$onRegistration, count($wanted)]);
        $this->assertSame([], $this->shop->module->hookAdditionalCustomerFormFields([]));
    }

    public function testAnAddressIsKeptAsANetwork(): void
    {
        $this->assertSame(
            ['203.0.113.0', '2001:db8:1::', '', ''],
            array_map([Visitor::class, 'network'], ['203.0.113.9', '2001:db8:1:2::9', '', 'nonsense'])
        );
    }
}
