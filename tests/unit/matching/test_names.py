"""Names of people and firms: which are one, which are two, and by which words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index import ALERT_THRESHOLD, NameIndex
from tidewaiter.matching.names import similarity
from tidewaiter.matching.names_alignment import aligned
from tidewaiter.matching.names_words import name_of

SERVANTS_AND_FORMS = (
    *(
        "Abdul",
        "Abd",
        "al",
        "Samad",
        "ud",
        "din",
        "Company",
        "Limited",
        "LLC",
        "Ltd",
        "TD",
        "Co",
        "Corporation",
    ),
    *("Trading", "Bank", "SARL", "OOO", "GmbH", "MST", "Velmora"),
)
SAME_PERSON = [
    pytest.param("Ivanova, Darya", "Darya Ivanova", id="order"),
    pytest.param("DARYA IVANOVA", "darya ivanova", id="case"),
    pytest.param("D. Yastrebova", "Darya Yastrebova", id="initial"),
    pytest.param("Darya Yastrebova", "Darya Olegovna Yastrebova", id="missing part"),
    pytest.param("Ludwig van der Groen", "Ludwig Groen", id="particles"),
    pytest.param("Bill Hartwright", "William Hartwright", id="nickname"),
    pytest.param("S.A. Yastrebov", "Semyon A. Yastrebov", id="initials that are a form elsewhere"),
    pytest.param("Andrew Lim", "Lim Andrew", id="surname that is a form elsewhere"),
    pytest.param("Zao Wei Ming", "Zao, Wei-Ming", id="surname that is a form before other words"),
    pytest.param("Sebom Pak", "PAK, Se-Bom", id="syllable that is a form elsewhere, joined"),
    pytest.param("El Ingeniero", "INGENIERO", id="nothing but a title"),
    pytest.param("Van Le", "Le Van", id="nothing but particles"),
    pytest.param("Darya Yastrebova 13800138000", "Darya Yastrebova", id="phone behind"),
    pytest.param("Darya Yastrebova (TEL:+86-138-0013-8000)", "Darya Yastrebova", id="phone, parted"),
    pytest.param("Darya Yastrebova 4471/2", "Darya Yastrebova", id="reference behind"),
    pytest.param("D.O.Yastrebova", "Darya Olegovna Yastrebova", id="initials written with the name"),
    pytest.param("S. A. Yastrebov", "Semyon Arkadievich Yastrebov", id="initials that may be a form"),
    pytest.param("Yastrebov, As'ad Omar", "As'ad Omar Yastrebov", id="given name that begins as a form"),
    pytest.param("欧阳锋 13800138000", "Ouyang Feng", id="Han and a phone"),
    pytest.param("Dr. Omar Nashashibi", "Omar Nashashibi", id="title"),
    pytest.param("Abd al-Karim Zubaydi", "Abdulkarim Zubaydi", id="servant name"),
    pytest.param("Abderrahmane Zubaydi", "Abd al-Rahman Zubaydi", id="servant name by French ear"),
    pytest.param("Abdoulkader Zubaydi", "Abdul Qadir Zubaydi", id="servant name in one word"),
    pytest.param("Cabdiraxmaan Xirsi Cali", "Abdirahman Hersi Ali", id="Somali spelling"),
    pytest.param("Abddul Karim Zubaydi", "Abdulkarim Zubaydi", id="servant name with a letter doubled"),
    pytest.param("Omar Zahraoui", "Omar Zahrawi", id="w by French ear"),
    pytest.param("Ibrahim Bantouche", "Ibrahim Bantoush", id="sh by French ear"),
    pytest.param("Ihar Uladzimiravich Zolots", "Igor Vladimirovich Zolots", id="Belarusian and Russian"),
    pytest.param("Ri Bong Guk", "Ri Pong Kuk", id="Korean in two systems"),
    pytest.param("Saleh Zangari", "Salih Zangari", id="two common spellings of one name"),
    pytest.param("Nur ud Din Zangari", "Nuruddin Zangari", id="suffix"),
    pytest.param("Moammar Qaddoumi", "Muammar Gaddoumi", id="romanisation"),
    pytest.param("Дарья Ястребова", "Darya Yastrebova", id="Cyrillic"),
    pytest.param("كريم الزبيدي", "Karim al-Zubaidi", id="Arabic"),
    pytest.param("علي حسن الزبيدي", "Ali Hassan al-Zubaidi", id="Arabic of one consonant"),
    pytest.param("عمر إبراهيم", "Umar Ibrahim", id="Arabic that begins with an alef"),
    pytest.param("هاني عبد اللطيف طلفاح", "Hani Abd-al-Latif Tilfah", id="Arabic servant name"),
    pytest.param("عبدالرحمن الزبيدي", "Abdul Rahman al-Zubaidi", id="Arabic servant name in one word"),
    pytest.param("حمزة الأزهري", "Hamza al-Azhari", id="Arabic h behind a z"),
    pytest.param("نور الدين الزبيدي", "Nuruddin al-Zubaidi", id="Arabic suffix"),
    pytest.param("عتیق الله زدراني", "Attiqullah Zadrani", id="Arabic in two words, Latin in one"),
    pytest.param("رضا کاظمی", "Reza Kazemi", id="Persian z"),
    pytest.param("رضا كاظمي", "Rida Kadhimi", id="Arabic dh of the same letters"),
    pytest.param("عثمان جلالى", "Osman Jalali", id="Egyptian i"),
    pytest.param("حمادي بن علي بن عزيز", "Hamadi ben Ali ben Aziz", id="Arabic kinship"),
    pytest.param(
        "Hamadi el-Arabi el-Hadi el-Sharif el-Zubaydi",
        "Hamadi al-Arabi al-Hadi al-Sharif al-Zubaydi",
        id="article in two spellings",
    ),
    pytest.param("Hamadi bin Ali bin Aziz", "Hamadi ben Ali ben Aziz", id="kinship in two spellings"),
    pytest.param("משה כהן", "Moshe Cohen", id="Hebrew h"),
    pytest.param("רחל מזרחי", "Rachel Mizrahi", id="Hebrew ch"),
    pytest.param("אברהם פרץ", "Avraham Peretz", id="Hebrew v"),
    pytest.param("דוד ביטון", "David Bitton", id="Hebrew b"),
    pytest.param("欧阳锋", "Ouyang Feng", id="Han with a double surname"),
    pytest.param("张伟民", "Zhang Weimin", id="Han"),
    pytest.param("Chang Wei-min", "Zhang Weimin", id="Wade-Giles"),
    pytest.param("林志明", "Lin Chih-ming", id="Han in Wade-Giles"),
    pytest.param("志明 林", "LIN, Chih-ming", id="Han in Wade-Giles, family's name last"),
    pytest.param("Cheung Weimin", "Zhang Weimin", id="Cantonese surname"),
    pytest.param("김철수", "Kim Cheolsu", id="Hangul"),
    pytest.param("김철수", "KIM, Ch'o'l-su", id="Hangul as North Korea writes it"),
    pytest.param("박정은", "Park Jung-eun", id="Hangul with a family's name that is written otherwise"),
    pytest.param("이민호", "Lee Min Ho", id="Hangul family's name of one letter"),
    pytest.param("철수 김", "Kim Chol Su", id="Hangul, family's name last"),
    pytest.param("曾国强", "Zeng Guoqiang", id="Han with a family's name that is read otherwise"),
    pytest.param("袁国强先生", "Yuan Guoqiang", id="Han with how a man is addressed"),
    pytest.param("袁国强 收", "Yuan Guoqiang", id="Han with what a label says"),
    pytest.param("袁国强 女士", "袁国强", id="Han, addressed and not"),
    pytest.param("민철수 귀하", "Min Chol Su", id="Hangul with how somebody is addressed"),
    pytest.param("민철수님", "Min Chol Su", id="Hangul, addressed in the same word"),
    pytest.param("Yuan Guoqiang 袁国强", "Yuan Guoqiang", id="Latin and Han"),
    pytest.param("Umm Talha Zangari", "Um Talha Zangari", id="mother in two spellings"),
    pytest.param("Hryhorii Yastrebov", "Grigory Yastrebov", id="Ukrainian and Russian"),
    pytest.param("Serhii Olehovych Yastrebov", "Sergey Olegovich Yastrebov", id="Ukrainian father"),
    pytest.param("Pavel Ryhoravitj Yastrebov", "Pavel Grigoryevich Yastrebov", id="Belarusian father"),
    pytest.param("Darya Mykolayivna Yastrebova", "Darya Nikolaevna Yastrebova", id="Ukrainian daughter"),
    pytest.param("Pavel Nikolayevih Yastrebov", "Pavel Nikolayevich Yastrebov", id="father misspelt"),
    pytest.param("Petya Yastrebov", "Pyotr Yastrebov", id="Russian pet form"),
    pytest.param("Liuda Yastrebova", "Lyudmila Yastrebova", id="pet form by another table"),
    pytest.param("Lalo Zanandez", "Eduardo Zanandez", id="Mexican pet form"),
    pytest.param("Cengiz Zangari", "Chingiz Zangari", id="Turkish and Azeri"),
    pytest.param("Recep Zangari", "Rajab Zangari", id="Turkish and Arabic"),
    pytest.param("Maxamuud Cigaal", "Mohamud Egal", id="Somali letters and English ones"),
    pytest.param("Shams al-Din Zangari", "Chamseddine Zangari", id="of the faith, by French ear"),
    pytest.param("Nur al-Din Zangari", "Nouredine Zangari", id="of the faith, with a letter less"),
    pytest.param("نور الدين الزبيدي", "Noureddine Zoubeidi", id="of the faith, Arabic and French"),
    pytest.param("Izz al-Din Zangari", "Azzedine Zangari", id="of the faith behind a short word"),
    pytest.param("Saif al-Islam Zangari", "Saiful Islam Zangari", id="article at the end of a word"),
    pytest.param("Abu Bakr Zangari", "Aboubacar Zangari", id="Abu Bakr in one word"),
    pytest.param("أبو بكر الزبيدي", "Abu Bakr al-Zubaidi", id="Abu Bakr in Arabic"),
    pytest.param("Abu Bakr Zangari", "Bakr Zangari", id="Abu Bakr in short"),
    pytest.param("DaryaYastrebova", "Darya Yastrebova", id="words run together"),
    pytest.param("DARYAYASTREBOVA", "Darya Yastrebova", id="capitals run together"),
    pytest.param("YASTREBOVADARYAOLEGOVNA", "Yastrebova, Darya Olegovna", id="surname first, run together"),
    pytest.param(
        "DARYAOLEGOVNAYASTREBOVA", "Yastrebova, Darya Olegovna", id="given name first, run together"
    ),
    pytest.param("Yastrebova, Darya Olegovna", "YASTREBOVADARYAOLEGOVNA", id="listed run together"),
    pytest.param("Dar ya Olegovna Yastre bova", "Darya Olegovna Yastrebova", id="two words parted"),
    pytest.param("Mohamm ad Zangari", "Mohammad Zangari", id="word parted before a particle"),
    pytest.param("SAMAD ABDUL", "Abdul Samad", id="servant name, surname first"),
    pytest.param("Daryaya Strebova", "Darya Yastrebova", id="space moved"),
    pytest.param("Reza Zanjafari-Niya", "Reza Zanjaffarinia", id="joined and written otherwise"),
    pytest.param("Yousef Zalebipour", "Yousef Zalebi-Pur", id="parted and written otherwise"),
    pytest.param("Yousef Alousta", "Yousef Al-Usta", id="joined with its article and written otherwise"),
    pytest.param("Omar Alkestrin", "Omar Kestrin", id="article written with the party's name"),
    pytest.param("Omar Kestrin", "Omar Alkestrin", id="article written with the listed name"),
    pytest.param("Zefira Aldawa Alislamiya", "Zefira al-Daawa al-Islamiyya", id="two joined of the party"),
    pytest.param("Zefira al-Daawa al-Islamiyya", "Zefira Aldawa Alislamiya", id="two joined on the list"),
    pytest.param("Abdo Zangari", "Abdu Zangari", id="a vowel of four letters"),
    pytest.param("Darya Yasterbova", "Darya Yastrebova", id="letters changed places"),
    pytest.param("Darya Yastreboba", "Darya Yastrebova", id="slip"),
    pytest.param("Darya Oskariva Trevio", "Darya Oskariva Trevino", id="consonant lost between vowels"),
    pytest.param("Dolores Zanndez", "Dolores Zanandez", id="vowel lost between equal consonants"),
    pytest.param("Mhammad Nashashibi", "Mohammad Nashashibi", id="vowel lost before a silent h"),
    pytest.param("Darya Oskariva Hernndez", "Darya Oskariva Hernandez", id="vowel lost between equals"),
    pytest.param("Darya Zaytgseva", "Darya Zaytseva", id="letter within a sound"),
    pytest.param("Darya Koshlxf", "Darya Koshlaf", id="consonant for a vowel"),
    pytest.param("Nixkolay Yastrebov", "Nikolay Yastrebov", id="letter that is two sounds"),
    pytest.param("Darya Yastreb0va", "Darya Yastrebova", id="digit for o"),
    pytest.param("Kar1m Sa1man Zangari", "Karim Salman Zangari", id="digit for i and for l"),
    pytest.param("Darya Yastrebova c/o Hotel Plaza", "Darya Yastrebova", id="in care of another"),
    pytest.param("Sharifa Zangari", "Zangari Sharifa", id="name one letter from a form"),
    pytest.param("Dаryа Yаstrebоvа", "Darya Yastrebova", id="lookalike letters"),
    pytest.param("Dar\u200bya Yastre\u202ebova", "Darya Yastrebova", id="invisible letters"),
    pytest.param("Pak Chun Il", "Il, Pak-Chun", id="syllables that are particles elsewhere"),
    pytest.param("Juan de Leon", "Juan Leon", id="a particle beside words that could be syllables"),
    pytest.param("An, Xiaoming", "Xiao Ming An", id="Chinese family that is a particle elsewhere"),
    pytest.param("Le Van Thanh", "Thanh Le", id="Vietnamese family that is a particle elsewhere"),
    pytest.param("Ho Aung", "Ho Aung Min", id="syllables that are neither Chinese nor Korean"),
    pytest.param("Wang Xiaoming", "Wang Xiaomin", id="Chinese with n for ng"),
    pytest.param("Zhang Zhiming", "Zhang Ziming", id="Chinese with z for zh"),
    pytest.param("Wang Jianpng", "Wang Jianping", id="Chinese with a slip that makes no syllable"),
    pytest.param("Ali Reza Zangari", "Ali Riza Zangari", id="syllables that are not Chinese"),
    pytest.param("Abdul Hanif Velmora", "Hanif Velmora", id="servant of whom the other is called"),
    pytest.param("Sa'd Zangari", "Saad Zangari", id="three letters that sound as four"),
    pytest.param("Myongc Hin Kim", "Kim Myong Chin", id="word parted elsewhere, in another order"),
]


@pytest.mark.parametrize(("one", "other"), SAME_PERSON)
def test_two_writings_of_a_persons_name_are_alike(one: str, other: str) -> None:
    assert similarity(one, other, "person") >= ALERT_THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Oleg Yastrebov", "Igor Yastrebov", id="another given name"),
        pytest.param("Darya Yastrebova", "Darya Kuznetsova", id="another surname"),
        pytest.param("Frost, William G.", "William W Frost", id="another initial"),
        pytest.param("Sergei Ivanovich Yastrebov", "Sergei Petrovich Yastrebov", id="another father"),
        pytest.param(
            "Pavel Mikhailavich Yastrebov", "Pavel Mikalaevich Yastrebov", id="father of another name"
        ),
        pytest.param("Omar bin Zaid Qureshi", "Zaid bin Omar Qureshi", id="father for son"),
        pytest.param("Maria Lopez Yanez", "Mario Lopez Yanez", id="Maria and Mario"),
        pytest.param("علی اکبر", "Ali Akbari", id="Arabic without the vowel that ends the other"),
        pytest.param("ثنا شاکری", "Yasin Shakeri", id="Arabic without the y that begins the other"),
        pytest.param("عمر الزبيدي", "Mr Zubaidi", id="Arabic with the letters of a title"),
        pytest.param("Kim Yong Nam", "Kim Song Nam", id="one syllable of three"),
        pytest.param("김민수", "Kim Su Il", id="Hangul without a syllable that is an article elsewhere"),
        pytest.param("Pak Chun Il", "Pak Chun Sok", id="a syllable that is an article elsewhere"),
        pytest.param("An Sung Ho", "Kim Sung Ho", id="a Korean family whose name is a particle elsewhere"),
        pytest.param("Wang Yi De", "Wang Yi Da", id="two Chinese syllables that are particles elsewhere"),
        pytest.param("An Xiaoming", "Du Xiaoming", id="two Chinese families that are particles elsewhere"),
        pytest.param(
            "Xiaoming An", "Wang Xiaoming", id="a Chinese family behind that is a particle elsewhere"
        ),
        pytest.param(
            "Le Thi Huong", "Do Thi Huong", id="two Vietnamese families that are particles elsewhere"
        ),
        pytest.param("Choe Song Il", "Choe Song Ho", id="a Korean syllable with oe"),
        pytest.param("Zang Min", "Gao Zang Min", id="a Chinese name with a syllable more"),
        pytest.param("Choe Chol Su", "Choe Chol", id="a Korean name with a syllable less"),
        pytest.param(
            "Kwon Seung", "Kwon Seung Hyun", id="a Korean name as the South writes it, with one more"
        ),
        pytest.param("Zhang Keping", "Zhang Yiping", id="two Chinese given names"),
        pytest.param("Zheng Wei", "Zhang Wei", id="two Chinese families"),
        pytest.param("Wang Xiaoming", "Xiaojing Wang", id="two Chinese given names, in another order"),
        pytest.param("Zang Chong Gan", "Zangchongan", id="syllables joined, one of them another"),
        pytest.param("Patrick Gay", "Patricia", id="two words that only sound like one"),
        pytest.param("김종은", "김정은", id="Hangul that is written alike in Latin"),
        pytest.param("张伟明", "张卫民", id="Han that sounds nearly alike"),
        pytest.param("袁国强", "Yuan Qiang", id="Han with a syllable more"),
        pytest.param("桂花 倩 李", "Li Guihua", id="Han with a given name more"),
        pytest.param("东 健 雷", "Lee Dongjin", id="Han whose syllables only look like a word"),
        pytest.param("袁强", "Yuan Guo Qiang", id="Han that lacks a syllable"),
        pytest.param("민철수", "Min Su Chol", id="Hangul in another order"),
        pytest.param("민철", "Min Chol Su", id="Hangul that lacks a syllable"),
        pytest.param("상철 민수 강", "Kang Min Su Chol", id="Hangul of two given names in another order"),
        pytest.param("정수 성호 민", "Jong Song Ho", id="Hangul with the surname among the given names"),
        pytest.param("Juana Co Yegorn Velmora", "Juana Sy Yegorn Velmora", id="a firm's form as a name"),
        pytest.param("Umm Talha Zangari", "Abu Talha Zangari", id="mother for father"),
        pytest.param("Abu Talha Zangari", "Umm Talha Zangari", id="father for mother"),
        pytest.param("J. Velmora Kestrin", "John Velmora K.", id="initials on either side of one word"),
        pytest.param("Abu Omar Zangari", "Abu Bakr Zangari", id="father of another"),
        pytest.param("Nur al-Din Zangari", "Salah al-Din Zangari", id="another of the faith"),
        pytest.param("Petya Yastrebov", "Pavel Yastrebov", id="pet form of another name"),
        pytest.param("Gosha Yastrebov", "Grigory Yastrebov", id="pet form that begins alike"),
        pytest.param("Zahra bint Omar Zangari", "Zahra bin Omar Zangari", id="daughter for son"),
        pytest.param("Abdul Kabir Zadran", "Mohammad Kabir Zadran", id="servant name beside another"),
        pytest.param("Hassan", "Hassan Ali Nashashibi", id="one common word of three"),
    ],
)
def test_names_that_differ_on_both_sides_are_not_alike(one: str, other: str) -> None:
    assert similarity(one, other, "person") < ALERT_THRESHOLD


def test_a_father_for_his_son_is_further_apart_than_a_word_that_differs() -> None:
    turned = similarity("Omar bin Zaid Qureshi", "Zaid bin Omar Qureshi", "person")
    assert turned < similarity("Omar bin Zaid Nasr Qureshi", "Omar bin Zaid Nasr Velmori", "person")


def test_a_number_that_differs_is_counted_once() -> None:
    other_number = similarity(
        "Velmora Kestrina Trust 2004-1", "Velmora Kestrina Trust 2004-2", "organization"
    )
    other_word = similarity("Velmora Kestrina Trust 2004-1", "Velmora Yegorn Trust 2004-1", "organization")
    assert other_number == other_word < ALERT_THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Velmora Gesellschaft mit beschränkter Haftung", "Velmora GmbH", id="form written out"),
        pytest.param("OAO Velmora", "Open Joint Stock Company Velmora", id="form of another language"),
        pytest.param("The Velmora Trading Co., Ltd.", "Velmora Trading Company Limited", id="forms"),
        pytest.param("Velmora & Sons", "Velmora and Sons", id="ampersand"),
        pytest.param("Velmora Joint Stook Company", "Velmora JSC", id="slip within a form of three words"),
        pytest.param("Velmora Jonit Stock Company", "Velmora JSC", id="slip in the first of them"),
        pytest.param("Velmora Lttd", "Velmora Limited", id="letter doubled in a short form"),
        pytest.param("Velmora Velmora LLC", "Velmora LLC", id="word said twice"),
        pytest.param("Velasco Velasco Dan LTD", "VELASCO VELASCO, Dan", id="family's name twice in a firm"),
        pytest.param("深圳市鸿翔科技有限公司", "Shenzhen Hongxiang Technology Co., Ltd.", id="Han"),
        pytest.param("華信船務(香港)有限公司", "Huaxin Shipping Hong Kong Ltd", id="Han with a place"),
        pytest.param("조선광업개발무역회사", "Korea Mining Development Trading Company", id="Hangul"),
        pytest.param("Velmora Keji Youxian Gongsi", "Velmora Technology Co., Ltd.", id="trade in Mandarin"),
        pytest.param("Velmora Zavod OOO", "Velmora Plant LLC", id="trade in Russian"),
        pytest.param("Velmora Ticaret", "Velmora Trading", id="trade in Turkish"),
        pytest.param("Cong ty TNHH Velmora", "Velmora Co Ltd", id="form in Vietnamese"),
        pytest.param("Cong ty Co phan Velmora", "Velmora Joint Stock Company", id="long form in Vietnamese"),
        pytest.param("Velmora Muyok Hoesa", "Velmora Trading Company", id="trade and form in Korean"),
        pytest.param("Sherkat-e Velmora", "Velmora Company", id="form in Persian"),
        pytest.param("Velmora FZE", "Velmora Free Zone Establishment", id="form of a free zone"),
        pytest.param("Velmora Oil Co.", "Velmora Petroleum Company", id="two words for one trade"),
        pytest.param("Hizb al-Velmora", "Velmora Party", id="party in Arabic"),
        pytest.param("V.E.M. Logistics", "VEM Logistics", id="points in initials"),
        pytest.param("Y.E.G. Limited", "YEG Ltd", id="points in letters with a form among them"),
        pytest.param("Y E G Ltd", "Y.E.G. Limited", id="spaces in letters"),
        pytest.param("Y E G L L C", "YEG", id="spaces in letters and form"),
        pytest.param("A.B.C.", "ABC", id="letters alone"),
        pytest.param("M.S.C.", "MSC", id="letters that are a title too"),
        pytest.param("A.B. Trading", "AB Trading", id="two letters and what the firm does"),
        pytest.param("J.R. Hartwright Ltd", "John R Hartwright Limited", id="initials of a founder"),
        pytest.param("AO Velmora", "Velmora", id="doubtful form before the name"),
        pytest.param("Velmora Shipping Co. of Tehran", "Velmora Shipping", id="doubtful form within"),
        pytest.param("Velmora Private JSC", "Velmora JSC", id="private form in short"),
        pytest.param("Velmora Private Company Limited", "Velmora Ltd", id="private form of three words"),
        pytest.param("Velmora Company Limited Liability Company", "Velmora LLC", id="forms that overlap"),
        pytest.param("A.O. Velmora", "Velmora AO", id="form with points before the name"),
        pytest.param("J.S.C. Velmora", "Velmora", id="form with points that is written without"),
        pytest.param("P.T. Velmora", "PT Velmora", id="two letters of a form before the name"),
        pytest.param("S.A. Velmora Trading", "Velmora Trading, S.A.", id="form turned about with the name"),
        pytest.param("Velmora A/S", "Velmora", id="form with a stroke"),
        pytest.param("S.A. Velmora", "Velmora, S.A.", id="form that may be initials"),
        pytest.param("AB Velmora", "Velmora AB", id="form before the name, without points"),
        pytest.param("Limited Velmora", "Velmora Limited", id="late form turned about with the name"),
        pytest.param("Stock Velmora Joint Company", "Velmora Joint Stock Company", id="long form scattered"),
        pytest.param("C.V. de S.A. Velmora", "Velmora S.A. de C.V.", id="long form of letters scattered"),
        pytest.param("Velmora, S.A. 13800138000", "Velmora, S.A.", id="phone behind a form"),
        pytest.param("Velmora Ltd. 44712", "Velmora Ltd", id="number behind a form"),
        pytest.param("Velmora 4471/2", "Velmora", id="number with a stroke"),
        pytest.param("Velmora Trading Ref: 44-712-9", "Velmora Trading", id="number called a reference"),
        pytest.param("VELMORACOMPANY", "Velmora Company", id="form of a word written with the name"),
        pytest.param("VELMORASRL", "Velmora srl", id="form of letters written with the name"),
        pytest.param("Velmora (HK) Ltd", "Velmora Hong Kong Limited", id="place in short"),
        pytest.param("Velmora Ltd, United Arab Emirates", "Velmora Ltd", id="place of three words behind"),
        pytest.param("Messrs. Velmora Trading", "Velmora Trading", id="Messrs in full"),
        pytest.param("Velmora, C.A.", "Velmora", id="form with points after the name"),
        pytest.param("Velmora S. de R.L. de C.V.", "Velmora S DE RL DE CV", id="form in parts"),
        pytest.param("M/S Velmora Trading", "Velmora Trading", id="Messrs"),
        pytest.param(
            "Velmora Industries, Attn: Mr Wang", "Velmora Industries", id="for somebody's attention"
        ),
        pytest.param(
            "Velmora Intl Trdg Svcs", "Velmora International Trading Services", id="shortened words"
        ),
        pytest.param("Velmora Limted", "Velmora Ltd", id="slip in a form"),
        pytest.param("Velmora imited", "Velmora Ltd", id="first letter of a form lost"),
        pytest.param("VELMORATRADINGKESTRINACOLTD", "Velmora Trading Kestrina Co. Ltd.", id="run together"),
        pytest.param("TAJKESCOLTD", "Taj Kes Co Ltd", id="run together, with a form of two words"),
        pytest.param("AO NP KESTR", "AO NPKESTR", id="word parted"),
        pytest.param("Velmora Kestrina Lim ited", "Velmora Kestrina Limited", id="form parted"),
        pytest.param("LTD KONG HONG VELMORA", "Velmora Hong Kong Ltd", id="place turned about"),
        pytest.param("Velmora Coporation", "Velmora Corp.", id="letter lost in a form"),
        pytest.param(
            "Obschestvo s ogranichenoy otvestvennostyu Velmora", "OOO Velmora", id="slips in a long form"
        ),
        pytest.param("Aktsionernoye obschestvo Velmora", "Velmora AO", id="form spelt by another table"),
        pytest.param("Brigade Forty-four", "Brigade 44", id="number in words"),
        pytest.param("Velmorra Industries", "Velmora Industries", id="slip"),
        pytest.param("United Velmora Liberation Army", "UVLA", id="acronym"),
        pytest.param("VELMORA INTL TRDG CO", "Velmora International Trading Company", id="trades shortened"),
        pytest.param("Velmora Transp. & Elec. Eqpt", "Velmora Transport and Electric Equipment", id="points"),
        pytest.param("Bank of Armennia", "Bank of Armenia", id="place misspelt"),
    ],
)
def test_two_writings_of_a_firms_name_are_alike(one: str, other: str) -> None:
    assert similarity(one, other, "organization") >= ALERT_THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Velmora Trading Ltd", "Kestrina Trading Ltd", id="only the generic words agree"),
        pytest.param("A.B. Trading", "S.A. Trading", id="two letters that are two forms"),
        pytest.param("T.E.G. Limited", "T.E.K. Limited", id="another letter of three"),
        pytest.param("Velmora Spa Hotel House", "Velmora Asa Hotel House", id="two words, forms elsewhere"),
        pytest.param("Doctor", "Dr. Zangari", id="a title alone"),
        pytest.param("Velmora 10", "Velmora 1", id="digits that stand for no letter"),
        pytest.param("Velmora Fund IV", "Velmora Fund III", id="another number"),
        pytest.param("Velmora 29049771", "Velmora 10219452", id="another number of a register"),
        pytest.param("Velmora Trust 2004-1", "Velmora Trust 2004-2", id="another series"),
        pytest.param("Velmora Unit 44712", "Velmora Unit 20924", id="number behind no form"),
        pytest.param("S.A. Petrov", "Petrov SA", id="initials before a name of many people"),
        pytest.param("Gong Velmora Si", "Velmora", id="two short words of a form apart"),
        pytest.param("Bank of Armenia", "Bank of America", id="another place"),
        pytest.param("Bank of Iran", "Bank of Iraq", id="another place, by one letter"),
        pytest.param("National Gas Company", "National Oil Company", id="another trade"),
        pytest.param("Ltd", "Limited Liability Company", id="forms alone"),
        pytest.param("V Invest LLC", "Velmora Investments Ltd", id="an initial beside a trade alone"),
    ],
)
def test_two_firms_are_not_alike(one: str, other: str) -> None:
    assert similarity(one, other, "organization") < ALERT_THRESHOLD


@pytest.mark.parametrize("turn", [1, -1], ids=["party", "listed"])
@pytest.mark.parametrize(
    "trades",
    [
        pytest.param(("Network", "Networks"), id="a plural"),
        pytest.param(("Trading", "Training"), id="a letter more"),
    ],
)
def test_trades_that_are_nearly_one_are_alike_whoever_of_the_two_is_listed(
    trades: tuple[str, str], turn: int
) -> None:
    one, other = trades[::turn]
    assert similarity(f"Velmora {one}", f"Velmora {other}", "organization") >= ALERT_THRESHOLD


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("Omar Omar Zangari", ["omar", "omar", "zangari"], id="of a person"),
        pytest.param("Velmora Velmora Trading", ["velmora", "trading"], id="of a firm"),
    ],
)
def test_a_word_said_twice_in_a_row_is_one_of_a_firm_alone(name: str, said: list[str]) -> None:
    assert [each.text for each in name_of(name).words] == said


def test_more_and_rarer_words_in_agreement_score_higher() -> None:
    common = similarity("James Smith", "Smith, James")
    rare = similarity("Yevdokia Zmitrovich Prokhorenko", "Prokhorenko, Yevdokia Zmitrovich")
    assert ALERT_THRESHOLD < common < rare < 1


@pytest.mark.parametrize("nothing", ["", " ", "😀", "!!!", "\u200b", "、。"])
def test_a_name_without_letters_is_like_none(nothing: str) -> None:
    assert similarity(nothing, "Darya Yastrebova") == 0
    assert similarity(nothing, nothing) == 0


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("Darya", "Darya", "exact"),
        ("Yastrebofa", "Yastrebova", "spelling"),
        ("Qarimov", "Karimov", "phonetic"),
        ("D", "Darya", "initial"),
        ("Bill", "William", "nickname"),
        ("Cheung", "Zhang", "transliteration"),
        ("GmbH", "LLC", "form"),
        ("YastrebovaPetrova", "Yastrebova Petrova", "joined"),
    ],
)
def test_alignment_names_the_relation_of_each_word(one: str, other: str, relation: str) -> None:
    found = aligned(name_of(f"Zelmir {one}"), name_of(f"Zelmir {other}"))
    assert relation in {token.relation for token in found.tokens()}


@pytest.mark.parametrize(
    ("cut", "whole", "kind"),
    [
        pytest.param(
            "Darya Olegovna Yastrebova Prokhoren",
            "Darya Olegovna Yastrebova Prokhorenko Zangari",
            "person",
            id="in a word",
        ),
        pytest.param(
            "Darya Olegovna Yastrebova Prokhor Z",
            "Darya Olegovna Yastrebova Prokhor bin Zangari",
            "person",
            id="behind one letter",
        ),
        pytest.param(
            "Prokhorenko Yastrebova, Darya Olego",
            "Prokhorenko Yastrebova, Darya Olegovna",
            "person",
            id="in a given name behind a comma",
        ),
        pytest.param(
            "Velmora Kestrina Construction Mater",
            "Velmora Kestrina Construction Materials and Heavy Machinery Trading Company Limited",
            "organization",
            id="in a word, with words lost",
        ),
        pytest.param(
            "Velmora Kestrina Construction Compa",
            "Velmora Kestrina Construction Company Limited",
            "organization",
            id="in a form",
        ),
        pytest.param(
            "Velmora Kestrina Bakeries Joint Sto",
            "Velmora Kestrina Bakeries Joint Stock Company",
            "organization",
            id="in a form of several words",
        ),
        pytest.param(
            "Velmora Kestrina Construction, S.A.",
            "Velmora Kestrina Construction",
            "organization",
            id="behind a form that is whole",
        ),
        pytest.param(
            "Limited Liability Company Velmorost",
            "Limited Liability Company Velmorostroy",
            "organization",
            id="in the only word that tells",
        ),
        pytest.param(
            "Velmora Kestrina Construction Trust",
            "Velmora Kestrina Construction Trust 2004",
            "organization",
            id="before a number",
        ),
    ],
)
def test_a_name_that_fills_a_field_is_like_the_one_it_begins(cut: str, whole: str, kind: EntryKind) -> None:
    assert len(cut) == 35
    assert similarity(cut, whole, kind) >= ALERT_THRESHOLD
    assert NameIndex.build([Entry("test", "1", kind, (EntryName(whole),))]).candidates(cut)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "Velmora Kestrina Construction Mate",
            "Velmora Kestrina Construction Materials and Heavy Machinery Trading Company Limited",
            id="shorter than a field",
        ),
        pytest.param(
            "Velmora Kestrina Construction Mater",
            "Velmora Kestrina Construction Zangari",
            id="that begins another word",
        ),
        pytest.param(
            "Limited Liability Company Construct",
            "Limited Liability Company Construction Materials Velmora Kestrina",
            id="with a form and a trade alone",
        ),
        pytest.param(
            "Velmora Kestrina Construction Trust",
            "Prokhorenko Construction Trust Velmora Heavy Machinery",
            id="with a word that the other lacks",
        ),
    ],
)
def test_a_name_is_not_taken_for_one_cut_off(one: str, other: str) -> None:
    assert similarity(one, other, "organization") < ALERT_THRESHOLD


def test_a_word_cut_off_is_named_so() -> None:
    found = aligned(name_of("Darya Olegovna Yastrebova Zmitr Pro"), name_of("Darya Prokhorenko"))
    assert {token.query: token.relation for token in found.tokens()} == {"darya": "exact", "pro": "cut"}
    assert max(pairing.similarity for pairing in found.pairings) == 1


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["person", "organization", "unknown"]))
def test_similarity_is_bounded_and_symmetric_for_any_text(one: str, other: str, kind: EntryKind) -> None:
    score = similarity(one, other, kind)
    assert 0 <= score < 1
    assert score == pytest.approx(similarity(other, one, kind), abs=0.02)


@given(
    st.lists(
        st.sampled_from(["Darya", "Omar", "Velmora", "Zangari", "Wei", "Okonkwo"]), min_size=1, max_size=5
    )
)
def test_a_name_is_like_itself_in_any_order(parts: list[str]) -> None:
    assert similarity(" ".join(parts), " ".join(reversed(parts))) >= ALERT_THRESHOLD


def test_initials_past_those_of_any_listed_name_are_not_compared() -> None:
    name = name_of("Darya " + " ".join("abcdefghijklmnopqrstuvwxyz") + " Yastrebova")
    assert "".join(word.text for word in name.words if word.role == "initial") == "abcdfghi"
    assert [word.text for word in name.words if word.tells] == ["darya", "yastrebova"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "worst",
    [
        pytest.param("a" * 10_000, id="one word of 10,000 letters"),
        pytest.param("a " * 5_000, id="5,000 letters apart"),
        pytest.param("ab" * 5_000, id="a word of two letters repeated"),
        pytest.param("mohammed " * 1_000, id="one word 1,000 times"),
        pytest.param("e\u0301\u0302\u0303" * 2_500, id="marks upon marks"),
        pytest.param("中" * 10_000, id="10,000 Han characters"),
        pytest.param("وي" * 5_000, id="glides of an abjad"),
        pytest.param("\u202e\u200b" * 5_000, id="nothing visible"),
        pytest.param("1234567890" * 1_000, id="digits"),
        pytest.param("😀" * 10_000, id="emoji"),
        pytest.param("bin al abdul " * 800, id="particles"),
        pytest.param("a.b. velmora " * 800, id="letters apart"),
        pytest.param("velmora" + "ltd" * 3_000, id="a form 3,000 times"),
        pytest.param("#" * 10_000 + "1", id="signs of a number"),
        pytest.param("the dr mr " * 1_000, id="titles alone"),
        pytest.param("abd al " * 1_500, id="servant names without a master"),
    ],
)
def test_the_worst_names_are_compared_in_bounded_time(worst: str) -> None:
    for other in (worst, "Darya Yastrebova", "محمد الزبيدي", "Velmora Trading Co Ltd"):
        assert 0 <= similarity(worst, other) < 1


@given(st.lists(st.sampled_from(SERVANTS_AND_FORMS), min_size=1, max_size=5))
@example(["Abdul", "Company"])
@example(["Limited", "Abdul"])
@example(["Abdul", "TD"])
def test_a_servant_beside_a_form_is_a_name_that_ends(parts: list[str]) -> None:
    assert name_of(" ".join(parts)).words


def test_a_form_is_no_master_of_a_servant() -> None:
    assert similarity("Abdul Company", "Abdul Co. Ltd", "organization") > ALERT_THRESHOLD
    assert [each.role for each in name_of("Abdul Trading LLC").words] == ["word", "generic", "form"]
