// The catalogue of reply texts; see texts.hpp.
#include "pop3/texts.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::pop3 {
namespace {

struct Row {
    std::string_view english;
    std::string_view portuguese;
    std::string_view russian;
};

constexpr Row catalogue[] = {
    {"# messages", "# mensagens", "Сообщений: #"},
    {"# octets", "# octetos", "Октетов: #"},
    {"Another session has this maildrop", "Outra sessão está a usar esta caixa de correio",
     "Почтовый ящик занят другим сеансом"},
    {"Argument missing", "Falta um argumento", "Не хватает аргумента"},
    {"Begin TLS negotiation", "Inicie a negociação TLS", "Начинайте согласование TLS"},
    {"Cancelled", "Cancelado", "Отменено"},
    {"Cannot decode the response", "Não é possível descodificar a resposta",
     "Ответ не удалось раскодировать"},
    {"Capability list follows", "Segue a lista de capacidades", "Список возможностей"},
    {"Channel binding does not fit this connection",
     "A associação ao canal não corresponde a esta ligação",
     "Привязка к каналу не подходит к этому соединению"},
    {"Goodbye", "Até à próxima", "До свидания"},
    {"Language changed", "Idioma alterado", "Язык изменён"},
    {"Language list follows", "Segue a lista de idiomas", "Список языков"},
    {"Line too long", "Linha demasiado longa", "Слишком длинная строка"},
    {"Local error, try again later", "Erro local, tente mais tarde",
     "Внутренняя ошибка, попробуйте позже"},
    {"Log in first", "Inicie sessão primeiro", "Сначала войдите"},
    {"Logged in already", "A sessão já foi iniciada", "Вход уже выполнен"},
    {"Message # deleted", "Mensagem # eliminada", "Сообщение # удалено"},
    {"No arguments allowed", "Não são permitidos argumentos", "Аргументы не допускаются"},
    {"No such language", "Não existe esse idioma", "Нет такого языка"},
    {"No such message", "Não existe essa mensagem", "Нет такого сообщения"},
    {"Not a message number", "Não é um número de mensagem", "Это не номер сообщения"},
    {"Not after UTF8", "Não depois de UTF8", "После UTF8 нельзя"},
    {"Nothing is marked", "Nada está marcado", "Ничего не отмечено"},
    {"Password, please", "Palavra-passe, por favor", "Пароль, пожалуйста"},
    {"Some deleted messages not removed", "Algumas mensagens eliminadas não foram removidas",
     "Некоторые удалённые сообщения не убраны"},
    {"Still here", "Ainda aqui", "На месте"},
    {"Syntax error", "Erro de sintaxe", "Синтаксическая ошибка"},
    {"Syntax: TOP message lines", "Sintaxe: TOP mensagem linhas",
     "Синтаксис: TOP сообщение строки"},
    {"TLS is active already", "TLS já está ativo", "TLS уже включён"},
    {"TLS is not offered", "TLS não está disponível aqui", "TLS не предлагается"},
    {"TLS not available", "TLS não está disponível neste momento", "TLS сейчас недоступен"},
    {"This account has been disabled", "Esta conta foi desativada", "Эта учётная запись отключена"},
    {"This message is gone", "Esta mensagem já não existe", "Этого сообщения больше нет"},
    {"Too early for the next login", "É cedo demais para novo início de sessão",
     "Слишком рано для следующего входа"},
    {"Top of message follows", "Segue o início da mensagem", "Начало сообщения"},
    {"USER first", "Primeiro USER", "Сначала USER"},
    {"UTF-8 from now on", "UTF-8 a partir de agora", "Отныне UTF-8"},
    {"Unknown command", "Comando desconhecido", "Неизвестная команда"},
    {"Unknown mechanism", "Mecanismo desconhecido", "Неизвестный механизм"},
    {"Use STLS first", "Use primeiro STLS", "Сначала STLS"},
    {"Wrong user name or password", "Nome de utilizador ou palavra-passe errados",
     "Неверное имя пользователя или пароль"},
};
static_assert(std::ranges::is_sorted(catalogue, {}, &Row::english));

}  // namespace

std::optional<LanguageInfo> find_language(std::string_view range) {
    if (range == "*") return languages[0];
    while (!range.empty()) {
        for (const LanguageInfo& info : languages) {
            if (iequals(range, info.tag)) return info;
        }
        const std::size_t dash = range.rfind('-');
        range = range.substr(0, dash == range.npos ? 0 : dash);
    }
    return std::nullopt;
}

std::string_view translate(std::string_view english, Language language) {
    const auto* row = std::ranges::lower_bound(catalogue, english, {}, &Row::english);
    if (row == std::ranges::end(catalogue) || row->english != english) return english;
    if (language == Language::portuguese) return row->portuguese;
    return language == Language::russian ? row->russian : english;
}

}  // namespace postern::pop3
