<?php

/**
 * Addresses of the back office.
 */

class Link
{
    public function getAdminLink($controller, $hasToken, $route, $parameters): string
    {
        return 'index.php?controller=' . $controller . '&' . http_build_query($parameters);
    }
}
