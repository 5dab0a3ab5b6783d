// The table of texts; see language.hpp.
#include "imap/language.hpp"

#include "base/ascii.hpp"

namespace postern::imap {
namespace {

struct Text {
    std::string_view english, portuguese, russian;
};

constexpr std::string_view completed = " completed";
constexpr Text completed_text = {completed, " concluído", " — выполнено"};

constexpr Text texts[] = {
    {"A limit is reached", "Um limite foi atingido", "Достигнут предел"},
    {"Atom expected", "Esperava-se um átomo", "Ожидается атом"},
    {"Authentication cancelled", "Autenticação cancelada", "Проверка подлинности прервана"},
    {"Autologout; idle for too long", "Sessão encerrada por inatividade",
     "Сеанс закрыт: слишком долгое бездействие"},
    {"Closing parenthesis expected", "Esperava-se um parêntese de fechamento",
     "Ожидается закрывающая скобка"},
    {"Command line too long", "Linha de comando longa demais", "Слишком длинная команда"},
    {"Command not allowed now", "Comando não permitido agora", "Команда сейчас недопустима"},
    {"Command too long", "Comando longo demais", "Слишком длинная команда"},
    {"Expunges are held back", "Remoções ainda não comunicadas", "Удаления будут сообщены позже"},
    {"First unseen message", "Primeira mensagem não lida", "Первое непрочитанное письмо"},
    {"Flags that are kept", "Marcas que são guardadas", "Сохраняемые флаги"},
    {"Highest mod-sequence", "Maior mod-sequence", "Наибольший mod-sequence"},
    {"In use by another session", "Em uso por outra sessão", "Занято другим сеансом"},
    {"Internal error", "Erro interno", "Внутренняя ошибка"},
    {"Internal error, try again later", "Erro interno, tente mais tarde",
     "Внутренняя ошибка, попробуйте позже"},
    {"Invalid argument", "Argumento inválido", "Неверный аргумент"},
    {"Invalid date", "Data inválida", "Неверная дата"},
    {"Invalid message set", "Conjunto de mensagens inválido", "Неверный набор писем"},
    {"Language not supported", "Idioma não suportado", "Язык не поддерживается"},
    {"Logging out", "Encerrando a sessão", "Сеанс завершён"},
    {"Mailbox", "Caixa de correio", "Почтовый ящик"},
    {"Mailbox closed", "Caixa de correio fechada", "Почтовый ящик закрыт"},
    {"Mailbox exists already", "A caixa de correio já existe", "Почтовый ящик уже существует"},
    {"Message number must not be used", "Números de mensagem não podem ser usados",
     "Номера писем использовать нельзя"},
    {"Missing argument", "Falta um argumento", "Не хватает аргумента"},
    {"Missing command", "Falta o comando", "Нет команды"},
    {"Moved", "Movidas", "Перемещено"},
    {"No such quota root", "Não há tal raiz de cota", "Нет такого корня квоты"},
    {"Only an administrator may set quotas", "Só um administrador pode definir cotas",
     "Квоты может задавать только администратор"},
    {"Others are below it", "Há outras abaixo dela", "Под ним есть другие"},
    {"Such a limit cannot be set", "Tal limite não pode ser definido",
     "Такой предел задать нельзя"},
    {"Too much has happened; nothing more will be told",
     "Aconteceu demais; nada mais será comunicado",
     "Произошло слишком много; больше сообщений не будет"},
    {"Unsupported event", "Evento não suportado", "Событие не поддерживается"},
    {"No messages to copy", "Nenhuma mensagem para copiar", "Нет писем для копирования"},
    {"No messages to move", "Nenhuma mensagem para mover", "Нет писем для перемещения"},
    {"No permission", "Sem permissão", "Нет прав"},
    {"No space left on the server", "Sem espaço no servidor", "На сервере нет места"},
    {"No such mailbox", "Não há tal caixa de correio", "Нет такого почтового ящика"},
    {"No such mailbox or message", "Não há tal caixa de correio ou mensagem",
     "Нет такого почтового ящика или письма"},
    {"No such message number", "Não há mensagem com esse número", "Нет письма с таким номером"},
    {"Not possible", "Não é possível", "Невозможно"},
    {"Not supported", "Não suportado", "Не поддерживается"},
    {"Number expected", "Esperava-se um número", "Ожидается число"},
    {"Opening parenthesis expected", "Esperava-se um parêntese de abertura",
     "Ожидается открывающая скобка"},
    {"Over quota", "Cota excedida", "Превышена квота"},
    {"Predicted next UID", "Próximo UID previsto", "Предполагаемый следующий UID"},
    {"Server is busy, try again later", "Servidor ocupado, tente mais tarde",
     "Сервер занят, попробуйте позже"},
    {"Server is shutting down", "O servidor está sendo desligado", "Сервер останавливается"},
    {"Some of the messages are gone", "Algumas das mensagens não existem mais",
     "Некоторых писем уже нет"},
    {"Some of the messages have changed", "Algumas das mensagens mudaram",
     "Некоторые письма изменились"},
    {"Shared/", "Compartilhado/", "Общие/"},
    {"Space expected", "Esperava-se um espaço", "Ожидается пробел"},
    {"String expected", "Esperava-se um texto", "Ожидается строка"},
    {"The mailbox is selected read-only", "A caixa de correio está aberta só para leitura",
     "Почтовый ящик открыт только для чтения"},
    {"The selected mailbox was deleted", "A caixa de correio aberta foi excluída",
     "Открытый почтовый ящик удалён"},
    {"The selected mailbox may not be read any more",
     "A caixa de correio aberta não pode mais ser lida",
     "Открытый почтовый ящик больше не доступен"},
    {"The server found damaged data", "O servidor encontrou dados danificados",
     "Сервер обнаружил повреждённые данные"},
    {"This account has been disabled", "Esta conta foi desativada", "Эта учётная запись отключена"},
    {"Too big", "Grande demais", "Слишком велико"},
    {"Too many bad commands", "Comandos inválidos demais", "Слишком много неверных команд"},
    {"Too many failed logins", "Tentativas de login demais", "Слишком много неудачных входов"},
    {"UIDs valid", "UIDs válidos", "UID действительны"},
    {"Unexpected extra arguments", "Argumentos a mais", "Лишние аргументы"},
    {"Unknown FETCH item", "Item de FETCH desconhecido", "Неизвестный элемент FETCH"},
    {"Unknown STATUS item", "Item de STATUS desconhecido", "Неизвестный элемент STATUS"},
    {"Unknown charset", "Conjunto de caracteres desconhecido", "Неизвестная кодировка"},
    {"Unknown command", "Comando desconhecido", "Неизвестная команда"},
    {"Unknown search key", "Critério de busca desconhecido", "Неизвестный критерий поиска"},
    {"Wrong user name or password", "Usuário ou senha incorretos", "Неверное имя или пароль"},
};

std::string_view choose(const Text& text, Language language) {
    switch (language) {
        case Language::english: return text.english;
        case Language::portuguese: return text.portuguese;
        case Language::russian: break;
    }
    return text.russian;
}

}  // namespace

std::string_view tag_of(Language language) {
    constexpr Text tags = {"EN", "PT", "RU"};
    return choose(tags, language);
}

std::optional<Language> find_language(std::string_view range) {
    if (iequals(range, "default") || iequals(range, "i-default")) return Language::english;
    std::string_view primary = range.substr(0, range.find('-'));
    for (Language language : {Language::english, Language::portuguese, Language::russian}) {
        if (iequals(primary, tag_of(language))) return language;
    }
    return std::nullopt;
}

std::string translate(Language language, std::string_view english) {
    if (language == Language::english) return std::string(english);
    if (english.ends_with(completed)) {
        std::string_view command = english.substr(0, english.size() - completed.size());
        return std::string(command) + std::string(choose(completed_text, language));
    }
    for (const Text& text : texts) {
        if (text.english == english) return std::string(choose(text, language));
    }
    return std::string(english);
}

}  // namespace postern::imap
