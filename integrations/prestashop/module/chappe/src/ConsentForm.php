<?php

/**
 * The box that asks, on forms of the shop, and what came of it. Never ticked beforehand.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class ConsentForm
{
    public const BOX = 'chappe_sms';
    public const SHOWN = 'chappe_sms_shown';

    /**
     * @return \FormField[] none where the merchant has written no words
     */
    public static function fields(string $wording, bool $hasAgreed): array
    {
        if ($wording === '') {
            return [];
        }
        // A box that is not ticked is not sent: without the second field it could not be told from one never shown.
        $shown = (new \FormField())->setName(self::SHOWN)->setType('hidden')->setValue('1');
        $box = (new \FormField())->setName(self::BOX)->setType('checkbox')->setLabel($wording)->setValue($hasAgreed);

        return [self::BOX => $box, self::SHOWN => $shown];
    }

    /**
     * @param string|null $last what was said before
     *
     * @return string|null what is said now; null when that is nothing new. No tick is no answer, until there was a yes.
     */
    public static function answer(?string $last)
    {
        if (!\Tools::getValue(self::SHOWN)) {
            return null;
        }
        if (\Tools::getValue(self::BOX)) {
            return $last === Consents::YES ? null : Consents::YES;
        }

        return $last === Consents::YES ? Consents::NO : null;
    }
}
