<?php
// PHP's own sessions in Redis, as its settings say; served by `php -S`.
session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/login') {
    session_regenerate_id(true);
    $_SESSION['note'] = 'a;b|c:"d"';
    $_SESSION['user_id'] = (int) $_GET['user'];
    echo 'ok';
} elseif ($path === '/logout') {
    $_SESSION = [];
    session_destroy();
    echo 'ok';
} else {
    echo $_SESSION['user_id'] ?? '';
}
